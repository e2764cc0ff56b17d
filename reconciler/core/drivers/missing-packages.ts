import type { DriverCode } from '../../../schemas/node/driver-codes.ts';
import { sha256Hex } from '../kube/hash.ts';
import type { LiveIntent } from './live-intent.ts';
import type { Situation } from './situation.ts';

/** What an agent reports where no source of its intent has the package. */
const PACKAGE_MISSING: DriverCode = 'PACKAGE_MISSING';

/**
 * The report of a node that a package is missing, as the pod that answers it keeps it. Two attempts for one intent are one and the
 * same: the next attempt comes with the next generation of the intent.
 */
function missingReport(node: string, generation: number): string {
  return `${sha256Hex(node).slice(0, 12)}:${generation}`;
}

/** Nodes whose agents have looked for this package by their live intents, and had it from nowhere. */
export function missingAt(
  { reports }: Pick<Situation, 'reports'>,
  intents: ReadonlyMap<string, LiveIntent>,
  nodes: readonly string[],
  sha256: string,
): readonly { readonly node: string; readonly report: string }[] {
  return nodes.flatMap((node) => {
    const report = reports.get(node);
    const intent = intents.get(node);
    const drivers = report?.drivers;
    const isMissing =
      drivers?.code === PACKAGE_MISSING &&
      drivers.wanted?.sha256 === sha256 &&
      intent?.drivers?.package.sha256 === sha256 &&
      report?.intentGeneration === intent.generation;
    return isMissing ? [{ node, report: missingReport(node, intent.generation) }] : [];
  });
}
