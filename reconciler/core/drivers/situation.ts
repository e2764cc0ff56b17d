import { type DriverReport, driverReport } from '../nodes/driver-report.ts';
import { type DistService, distServices } from '../desired/dist-services.ts';
import { specSet } from '../lint/lint.ts';
import type { SpecSet } from '../lint/spec-rule.ts';
import { compareText } from '../placement/compare-text.ts';
import { isError } from '../spec/finding.ts';
import { type Builder, driverBuilders } from './builders.ts';
import { type Choice, chooseDemand } from './choose.ts';
import type { DriverNode, DriverNodes, DriversInput } from './decision.ts';
import { type Demands, driverDemands } from './demands.ts';
import { type NodeKernel, nodeKernel } from './node-kernel.ts';
import { targetsFor } from './needs.ts';
import { orderedTarget } from './pins.ts';
import { liveWorks, type LiveWork } from './works.ts';

/** What is known before anybody is asked anything. */
export interface Situation {
  readonly input: DriversInput;
  readonly set: SpecSet;
  /** Sorted by name. */
  readonly nodes: readonly DriverNode[];
  readonly kernels: ReadonlyMap<string, NodeKernel | { readonly why: string }>;
  /** Reports that count. */
  readonly reports: ReadonlyMap<string, DriverReport>;
  readonly demands: Demands;
  /** By the node's name, in their order. */
  readonly choices: ReadonlyMap<string, Choice>;
  readonly services: ReadonlyMap<string, DistService>;
  readonly builders: readonly Builder[];
  readonly works: readonly LiveWork[];
  /** Whether all manifests could be read, and the kernel of every node that is asked for anything is known. */
  readonly isComplete: boolean;
  readonly hasErrors: boolean;
}

/** Why nothing can be said of nodes, in one sentence; undefined where they were seen. */
export function whyUnseen(nodes: DriversInput['nodes']): string | undefined {
  if (nodes === undefined) return 'No agent of nodes is about, so that nobody tells what they need.';
  if ('unread' in nodes) return nodes.unread;
  return nodes.nodes.length === 0 ? 'The cluster told of no node at all.' : undefined;
}

export function situationOf(input: DriversInput, seen: DriverNodes): Situation {
  const set = specSet(input.specs);
  const nodes = seen.nodes.toSorted((a, b) => compareText(a.name, b.name));
  const kernels = new Map(nodes.map((node) => [node.name, nodeKernel(node, seen.reports.get(node.name))]));
  const reports = new Map(
    nodes.flatMap(({ name }) => {
      const report = seen.reports.get(name);
      return report?.state === 'told' ? [[name, driverReport(report)] as const] : [];
    }),
  );
  const demands = driverDemands(set, nodes);
  const choices = new Map(
    nodes.flatMap(({ name }) => {
      const choice = chooseDemand(demands.byNode.get(name) ?? []);
      return choice === undefined ? [] : [[name, choice] as const];
    }),
  );
  const services = distServices(set.specs);
  const builders = driverBuilders(set, services);
  const hasErrors = input.specs.findings.some(isError) || input.specs.broken.length > 0;
  const allKnown = [...choices.keys()].every((name) => {
    const kernel = kernels.get(name);
    return kernel !== undefined && 'kernel' in kernel;
  });
  return {
    input,
    set,
    nodes,
    kernels,
    reports,
    demands,
    choices,
    services,
    builders,
    works: liveWorks(input.live, input.applySet).map((work) => withTarget(work, builders, kernels)),
    isComplete: allKnown && !hasErrors,
    hasErrors,
  };
}

/** The kernel of a node where it is known. */
export function knownKernel({ kernels }: Pick<Situation, 'kernels'>, node: string): NodeKernel | undefined {
  const kernel = kernels.get(node);
  return kernel !== undefined && 'kernel' in kernel ? kernel : undefined;
}

/** A builder that was made before it was known for which kernel it builds does so for that of its node. */
function withTarget(work: LiveWork, builders: readonly Builder[], kernels: Situation['kernels']): LiveWork {
  const { does, order, node, result } = work;
  if (does !== 'build' || order.target !== undefined) return work;
  const builder = builders.find(({ id }) => id === order.owner);
  if (result?.result === 'published' && builder?.version === result.package.version) {
    return { ...work, target: orderedTarget(result.package) };
  }
  const kernel = node === undefined ? undefined : knownKernel({ kernels }, node);
  if (builder?.version === undefined || kernel === undefined) return work;
  const { version, buildId: explicit } = builder;
  const targets = targetsFor({ version, kernel, explicit, isInCluster: true });
  return 'why' in targets ? work : { ...work, target: targets[0] };
}
