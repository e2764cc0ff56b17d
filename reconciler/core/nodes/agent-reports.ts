import type { NodeFacts } from '../facts/node-facts.ts';
import type { PodFacts } from '../facts/pod-facts.ts';
import { type AgentReport, lastOf, told } from './agent-report.ts';
import type { ReadReport, WholeReport } from './read-report.ts';

const AGENT = { key: 'app.kubernetes.io/name', value: 'weka-nodeagent' } as const;
/** Which pods the agents are, for whoever lists them. */
export const AGENT_SELECTOR = `${AGENT.key}=${AGENT.value}`;

/** What is there of the agents. */
interface AgentsSeen {
  readonly namespace: string;
  /** Those of agents and any others. */
  readonly pods: readonly AgentPod[];
  /** By node; or why they could not be read, in one sentence. */
  readonly reports: ReadonlyMap<string, ReadReport> | string;
}

/** As much of a pod as tells whether it is an agent, and does its work. */
type AgentPod = Pick<PodFacts, 'namespace' | 'name' | 'node' | 'labels' | 'ended' | 'terminating' | 'ready'>;

/** As much of a node as its report is held against. */
type ReportedNode = Pick<NodeFacts, 'name' | 'isReady' | 'bootId'>;

/** What the agent of each node says of it, by the node's name: every node has an entry. */
export function agentReports(
  nodes: readonly ReportedNode[],
  { namespace, pods, reports }: AgentsSeen,
): ReadonlyMap<string, AgentReport> {
  const agents = Map.groupBy(
    pods.filter((pod) => isAgent(pod, namespace)),
    ({ node }) => node,
  );
  return new Map(
    nodes.map((node) => {
      const read = typeof reports === 'string' ? reports : reports.get(node.name);
      return [node.name, agentReport(node, agents.get(node.name) ?? [], read)] as const;
    }),
  );
}

/** Whether a pod is one of the agents of nodes. */
function isAgent({ namespace, labels }: AgentPod, agentNamespace: string): boolean {
  return namespace === agentNamespace && labels[AGENT.key] === AGENT.value;
}

/** A report has no time in it, so whether it is fresh is told by the node and by the agent's pod. */
function agentReport(
  node: ReportedNode,
  agents: readonly AgentPod[],
  read: ReadReport | string | undefined,
): AgentReport {
  if (typeof read === 'string') return { state: 'unknown', why: read };
  const silent = whySilent(node, agents);
  if (read === undefined) {
    return { state: 'unknown', why: silent ?? `The agent on ${node.name} has not reported yet.` };
  }
  if (read.state === 'damaged') return { state: 'unknown', why: silent ?? read.why };
  const why = silent ?? whyOfAnotherBoot(node, read);
  return why === undefined ? told(read) : lastOf(read, why);
}

/** Why nobody keeps the report of a node up to date. */
function whySilent({ name, isReady }: ReportedNode, agents: readonly AgentPod[]): string | undefined {
  const running = agents.filter(({ ended, terminating }) => !ended && terminating !== true);
  const [agent] = running;
  if (agent === undefined) return `No agent runs on ${name}.`;
  if (!isReady) return `${name} is not ready, so what its agent reported may be over.`;
  if (running.some(({ ready }) => ready === true)) return undefined;
  return `The agent on ${name} is not ready: see pod ${agent.namespace}/${agent.name}.`;
}

function whyOfAnotherBoot({ name, bootId }: ReportedNode, { brief }: WholeReport): string | undefined {
  if (bootId === '') return `${name} does not say which boot it runs, so its report may be of another one.`;
  if (brief.bootId === undefined) return `The report of ${name} does not say which boot it is of.`;
  if (brief.bootId.toLowerCase() === bootId.toLowerCase()) return undefined;
  return `The report of ${name} is of another boot than the one that runs: of ${brief.bootId}, and not of ${bootId}.`;
}
