import type { NodeFacts } from '../facts/node-facts.ts';
import type { AgentReport } from './agent-report.ts';

/** The nodes of a cluster whose agents are about. */
export interface NodesSeen {
  readonly nodes: readonly SeenNode[];
  /** What the agent of each node says of it, by the node's name: every node has an entry. */
  readonly reports: ReadonlyMap<string, AgentReport>;
}

/** What tables say of a node, and what its report is held against. */
export type SeenNode = Pick<NodeFacts, 'name' | 'isReady' | 'bootId' | 'kernel' | 'osImage'>;
