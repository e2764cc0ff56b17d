import { targetKey } from '../../../schemas/drivers/target.ts';
import type { DriversReport } from '../../../schemas/node/drivers.ts';
import type { DriverProgress } from '../../../schemas/output/drivers.ts';
import type { DriverCell, DriversSeen, NodeDrivers } from '../drivers/drivers.ts';

/** A node with the build that it needs, where that is known, and how far it is with it. */
export interface PlacedNode extends Progress {
  readonly node: NodeDrivers;
  readonly cell: DriverCell | undefined;
}

interface Progress {
  readonly progress: DriverProgress;
  /** What holds it up, where anything does. */
  readonly held?: HeldUp;
}

interface HeldUp {
  readonly code?: string;
  /** One sentence. */
  readonly why: string;
  readonly hint?: string;
  readonly users?: readonly string[];
  /** What the vendor's command printed. */
  readonly lastLines?: readonly string[];
}

/** Each node beside its build. */
export function placeNodes({ cells, nodes }: Pick<DriversSeen, 'cells' | 'nodes'>): readonly PlacedNode[] {
  const byNode = new Map<string, DriverCell[]>();
  for (const cell of cells) {
    for (const name of cell.nodes) {
      const its = byNode.get(name);
      if (its === undefined) byNode.set(name, [cell]);
      else its.push(cell);
    }
  }
  return nodes.map((node) => {
    const key = node.target === undefined ? undefined : targetKey(node.target);
    const cell = byNode.get(node.node)?.find(({ target }) => targetKey(target) === key);
    return { node, cell, ...progressOf(node, cell?.package) };
  });
}

/** How far a node is. A report about another package than the one that is asked for tells nothing of this one. */
function progressOf(node: NodeDrivers, wanted: DriverCell['package']): Progress {
  const { target, report, why } = node;
  if (target === undefined) return { progress: 'unknown', held: { why: why ?? 'Nobody says why.' } };
  if (wanted === undefined) {
    const isTold = report !== undefined && why !== undefined;
    return { progress: 'no-package', ...(isTold && { held: { why } }) };
  }
  if (report === undefined) {
    return why === undefined ? { progress: 'asked' } : { progress: 'unknown', held: { why } };
  }
  if (report.wanted?.sha256 === wanted.sha256) return reported(report, node);
  if (report.loaded?.sha256 === wanted.sha256) return { progress: 'loaded' };
  return why === undefined ? { progress: 'asked' } : { progress: 'waiting', held: { why } };
}

/** As the agent says; and where it has left the rest to the vendor's command, as that says. */
function reported(report: DriversReport, { load }: NodeDrivers): Progress {
  const { state, code, message, hint, users } = report;
  if (state === 'vendor') return leftToVendor(load);
  if (state === 'loaded' || state === 'working') return { progress: state };
  return {
    progress: state,
    held: {
      ...(code !== undefined && { code }),
      why: message ?? 'Its agent does not say why.',
      ...(hint !== undefined && { hint }),
      ...(users !== undefined && { users }),
    },
  };
}

function leftToVendor(load: NodeDrivers['load']): Progress {
  const result = load?.result;
  if (result?.result === 'loaded') return { progress: 'loaded' };
  if (result?.result !== 'failed') {
    return load?.why === undefined
      ? { progress: 'vendor' }
      : { progress: 'waiting', held: { why: load.why } };
  }
  const { code, message, hint, lastLines } = result;
  return {
    progress: 'failed',
    held: {
      code,
      why: message,
      ...(hint !== undefined && { hint }),
      ...(lastLines !== undefined && { lastLines }),
    },
  };
}
