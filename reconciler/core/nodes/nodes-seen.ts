import type { NodeFacts } from '../facts/node-facts.ts';
import type { AgentReport } from './agent-report.ts';

/** The nodes of a cluster whose agents are about. */
export interface NodesSeen {
  readonly nodes: readonly SeenNode[];
  /** What the agent of each node says of it, by the node's name: every node has an entry. */
  readonly reports: ReadonlyMap<string, AgentReport>;
  /** What is left of nodes that are not there; none unless all reports and all nodes, at least one, were seen. */
  readonly gone?: readonly GoneReport[];
}

/** The report of a node that is not there, or what was asked of it. */
export interface GoneReport {
  readonly node: string;
  /** Where it is. */
  readonly namespace: string;
  /** Whether it is what was asked of the node, and not the report. */
  readonly intent?: true;
}

/** Why nodes could not be seen, in one sentence. */
export interface NodesUnread {
  readonly unread: string;
  /** Whether time may mend it. */
  readonly isPassing: boolean;
}

/** What tables say of a node, and what its report is held against. */
export type SeenNode = Pick<
  NodeFacts,
  'name' | 'isReady' | 'bootId' | 'kernel' | 'osImage' | 'architecture' | 'labels' | 'taints'
>;
