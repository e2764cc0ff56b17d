import type { NodeFacts } from '../facts/node-facts.ts';
import { type AgentReport, briefOf } from './agent-report.ts';

/** A node with what its agent knows better than annotations do; as it was where no report counts. */
export function withReport(node: NodeFacts, report: AgentReport | undefined): NodeFacts {
  const threads = report?.state === 'told' ? briefOf(report)?.row.hyperThreading : undefined;
  if (threads === undefined) return node;
  const hyperThreading = threads === 'on';
  return node.hyperThreading === hyperThreading ? node : { ...node, hyperThreading };
}
