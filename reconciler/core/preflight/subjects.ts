import { isKnown } from '../../../schemas/node/observed.ts';
import type { Facts } from '../facts/facts.ts';
import { IDLE, nodeUsage } from '../facts/node-usage.ts';
import { minus, NOTHING, plus } from '../facts/resources.ts';
import type { SpecSet } from '../lint/spec-rule.ts';
import { toldBy } from '../nodes/agent-report.ts';
import type { NodeSubject } from './check.ts';
import { buildNodes, type DriverBuilds, driverBuilds } from './driver-builds.ts';
import { anyContainer, driverBuilder, type Hosted, hostedByNode } from './hosted.ts';
import { systemOf } from './system.ts';

/** What nodes are held against. */
export interface Asked {
  readonly facts: Facts;
  /** What the repository asks for; without one, each node is held against one container of one core. */
  readonly set: SpecSet | undefined;
  /** Nodes that are looked at whatever they host; unset, all that are to host anything. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Where agents run. */
  readonly agentNamespace: string;
}

/** The nodes that are looked at, in the order of their names, and the others. */
interface Subjects {
  readonly subjects: readonly NodeSubject[];
  /** Nodes that nothing asks for. */
  readonly idle: readonly string[];
}

export function subjectsOf({ facts, set, only, agentNamespace }: Asked): Subjects {
  const hosting = set === undefined ? undefined : hostedByNode(set, facts);
  const builds = set === undefined ? undefined : driverBuilds(set);
  const building = builds === undefined ? new Set<string>() : buildNodes(builds, facts);
  const headers = headersByKernel(facts, building);
  const usage = nodeUsage(facts);
  const subjects: NodeSubject[] = [];
  const idle: string[] = [];
  for (const node of facts.nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (only !== undefined && !only.has(node.name)) continue;
    const hosted: readonly Hosted[] =
      hosting === undefined
        ? anyFor(node)
        : [...(hosting.get(node.name) ?? []), ...(building.has(node.name) ? [driverBuilder()] : [])];
    // What only may build drivers, and hosts nothing, is a node of the builder's all the same.
    if (hosted.length === 0 && only === undefined) {
      idle.push(node.name);
      continue;
    }
    const its = usage.get(node.name) ?? IDLE;
    let held = NOTHING;
    for (const owner of new Set(hosted.map((each) => each.owner))) {
      held = plus(held, its.byOwner.get(owner) ?? NOTHING);
    }
    const others = minus(its.requests, held);
    const report = facts.reports.get(node.name) ?? {
      state: 'unknown',
      why: `Nothing is known of an agent on ${node.name}.`,
    };
    subjects.push({
      node,
      report,
      system: systemOf(node, report),
      hosted,
      free: minus(node.allocatable, others),
      held,
      others,
      pods: its.pods,
      builds: buildsOn(node.name, builds, building),
      ...given(headers.get(kernelOf(node))),
      agentNamespace,
    });
  }
  return { subjects, idle };
}

/** Nodes of another system than Linux host nothing of WEKA. */
function anyFor(node: Facts['nodes'][number]): readonly Hosted[] {
  const system = node.labels['kubernetes.io/os'];
  return system === undefined || system === 'linux' ? [anyContainer(node)] : [];
}

/** The first node of each kernel on which a builder may run and that is known to have its headers: one build is for all nodes of a kernel. */
function headersByKernel(
  { nodes, reports }: Pick<Facts, 'nodes' | 'reports'>,
  building: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const node of nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const headers = building.has(node.name) ? toldBy(reports.get(node.name))?.observed.headers : undefined;
    if (headers === undefined || !isKnown(headers) || !headers.includes(node.kernel)) continue;
    if (!found.has(kernelOf(node))) found.set(kernelOf(node), node.name);
  }
  return found;
}

function kernelOf({ kernel, architecture }: Facts['nodes'][number]): string {
  return `${kernel}/${architecture}`;
}

function given(headersOn: string | undefined): Pick<NodeSubject, 'headersOn'> {
  return headersOn === undefined ? {} : { headersOn };
}

function buildsOn(
  name: string,
  builds: DriverBuilds | undefined,
  building: ReadonlySet<string>,
): NodeSubject['builds'] {
  if (building.has(name)) return 'yes';
  return builds?.prebuilt === true ? 'no' : 'maybe';
}
