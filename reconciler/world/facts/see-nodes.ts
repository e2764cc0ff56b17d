import { type NodeFacts, nodeFacts } from '../../core/facts/node-facts.ts';
import { type PodFacts, podFacts } from '../../core/facts/pod-facts.ts';
import type { Kind } from '../../core/kube/kinds.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { AGENT_SELECTOR, agentReports } from '../../core/nodes/agent-reports.ts';
import { intendedNode } from '../../core/nodes/intended-node.ts';
import type { GoneReport, NodesSeen } from '../../core/nodes/nodes-seen.ts';
import { type ReadReport, readReport, reportedNode } from '../../core/nodes/read-report.ts';
import type { ReconcilerError } from '../../errors.ts';
import type { Interruptible } from '../../ports.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list } from '../live/list.ts';
import { everywhere } from './everywhere.ts';
import { shortConfigMap, shortNode, shortPod } from './short-objects.ts';

/** What tells of nodes: each with the kind, and with how much of an object is kept. */
export const REPORTS = { kind: within('ConfigMap', 'configmaps'), keep: shortConfigMap } as const;
export const AGENTS = {
  kind: within('Pod', 'pods'),
  labelSelector: AGENT_SELECTOR,
  keep: shortPod,
} as const;
export const NODES = { kind: everywhere('Node', 'nodes'), keep: shortNode } as const;

/** Reports by node; or why they may not be read, in one sentence. */
export type Reports = ReadonlyMap<string, ReadReport> | string;

/** What is in the agents' namespace of reports, and of which nodes anything is asked. */
export interface ReportsSeen {
  readonly reports: Reports;
  readonly intended?: readonly string[];
}

/** The reports in a namespace, listed once and in whole. */
export async function readReports(
  api: KubeApi,
  namespace: string,
  { signal }: Interruptible = {},
): Promise<Reports> {
  return (await listReports(api, namespace, { signal })).reports;
}

async function listReports(api: KubeApi, namespace: string, { signal }: Interruptible): Promise<ReportsSeen> {
  try {
    return reportsSeen(await list(api, { ...REPORTS, namespace, ...(signal && { signal }) }));
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { reports: whyUnread(error) };
  }
}

/**
 * Every node with what its agent says of it; undefined where no agent is about, nor has left a report. Only where one is or has
 * are nodes listed.
 */
export async function seeNodes(
  api: KubeApi,
  namespace: string,
  { signal }: Interruptible = {},
): Promise<NodesSeen | undefined> {
  const stop = signal && { signal };
  const [seen, pods] = await Promise.all([
    listReports(api, namespace, { signal }),
    list(api, { ...AGENTS, namespace, ...stop }).catch((error: unknown): readonly KubeObject[] => {
      if (!isForbidden(error)) throw error;
      return [];
    }),
  ]);
  if (!isAbout(seen.reports, pods.length)) return undefined;
  return seenNodes(await list(api, { ...NODES, ...stop }), { namespace, pods, ...seen });
}

/** Whether there is any agent, or was. */
export function isAbout(reports: Reports, agents: number): boolean {
  return agents > 0 || (typeof reports !== 'string' && reports.size > 0);
}

/** The reports among the ConfigMaps of the agents' namespace. Of one that was read before nothing is read again. */
export function reportsIn(configMaps: Iterable<KubeObject>): ReadonlyMap<string, ReadReport> {
  const reports = new Map<string, ReadReport>();
  for (const configMap of configMaps) {
    const node = reportedNode(configMap.metadata.name);
    if (node !== undefined)
      reports.set(
        node,
        remembered(READ, configMap, (it) => readReport(node, it)),
      );
  }
  return reports;
}

/** The same, with the nodes of which anything is asked. */
export function reportsSeen(configMaps: Iterable<KubeObject>): ReportsSeen {
  const all = [...configMaps];
  return {
    reports: reportsIn(all),
    intended: all.flatMap(({ metadata }) => intendedNode(metadata.name) ?? []),
  };
}

/** What is there of nodes and agents, put together. */
export function seenNodes(
  nodes: Iterable<KubeObject>,
  {
    pods,
    ...agents
  }: ReportsSeen & {
    readonly namespace: string;
    readonly pods: Iterable<KubeObject>;
  },
): NodesSeen {
  const known = Array.from(nodes, (node) => remembered(KNOWN, node, nodeFacts));
  const theirs = Array.from(pods, (pod) => remembered(AGENT_PODS, pod, podFacts));
  const reports = agentReports(known, { ...agents, pods: theirs });
  return { nodes: known, reports, gone: goneReports(known, agents) };
}

/** What is left of nodes that are not there. Where there is no node at all it is the list that is doubted, and not the nodes. */
function goneReports(
  nodes: readonly NodeFacts[],
  { namespace, reports, intended = [] }: ReportsSeen & { readonly namespace: string },
): readonly GoneReport[] {
  if (nodes.length === 0 || typeof reports === 'string') return [];
  const names = new Set(nodes.map(({ name }) => name));
  const isGone = (node: string) => !names.has(node);
  return [
    ...[...reports.keys()].filter(isGone).map((node) => ({ node, namespace })),
    ...intended.filter(isGone).map((node) => ({ node, namespace, intent: true as const })),
  ];
}

/** Why reports may not be read. */
export function whyUnread(error: ReconcilerError | undefined): string {
  return `The reports of nodes may not be read: ${error?.message ?? 'they cannot be listed.'}`;
}

// An object that is kept is never changed, so what was made of it holds as long as it is there.
const READ = new WeakMap<KubeObject, ReadReport>();
const KNOWN = new WeakMap<KubeObject, NodeFacts>();
const AGENT_PODS = new WeakMap<KubeObject, PodFacts>();

function remembered<Made>(
  memory: WeakMap<KubeObject, Made>,
  object: KubeObject,
  make: (object: Readonly<Record<string, unknown>>) => Made,
): Made {
  const known = memory.get(object);
  if (known !== undefined) return known;
  const made = make({ ...object });
  memory.set(object, made);
  return made;
}

function isForbidden(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 403 || error.status === 404);
}

function within(kind: string, plural: string): Kind {
  return { ...everywhere(kind, plural), namespaced: true };
}
