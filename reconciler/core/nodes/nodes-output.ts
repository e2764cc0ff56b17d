import type { NodeOutput, NodesOutput } from '../../../schemas/output/node.ts';
import { prose } from '../report/plain.ts';
import { type AgentReport, briefOf } from './agent-report.ts';
import type { NodesSeen, NodesUnread, SeenNode } from './nodes-seen.ts';
import type { ReportBrief } from './report-brief.ts';

/** Nodes that are listed at most. Of more than that, only those that have something to say are. */
const MOST_NODES = 100;

/** The nodes as every rendering tells of them. It is as long for ten thousand of them as for a few hundred. */
export function nodesOutput(seen: NodesSeen | NodesUnread): NodesOutput {
  if ('unread' in seen) {
    return { total: 0, unread: prose(seen.unread, 400), told: 0, unknown: 0, nodes: [] };
  }
  const { nodes, reports } = seen;
  const told = nodes.filter(({ name }) => reports.get(name)?.state === 'told').length;
  const sorted = nodes.toSorted(byName);
  const shown = nodes.length <= MOST_NODES ? sorted : first(sorted, reports);
  return {
    total: nodes.length,
    told,
    unknown: nodes.length - told,
    nodes: shown.map((node) => nodeOutput(node, reports.get(node.name))),
  };
}

function first(sorted: readonly SeenNode[], reports: NodesSeen['reports']): readonly SeenNode[] {
  const found: SeenNode[] = [];
  for (const node of sorted) {
    const report = reports.get(node.name);
    const isQuiet = report?.state === 'told' && briefOf(report)?.row.intentRefused === undefined;
    if (!isQuiet) found.push(node);
    if (found.length === MOST_NODES) break;
  }
  return found;
}

/** One node. What its report does not tell, or tells and does not count, is told by the node itself, as far as that goes. */
function nodeOutput({ name, kernel, osImage }: SeenNode, report: AgentReport | undefined): NodeOutput {
  const row = report === undefined ? undefined : briefOf(report)?.row;
  const own = {
    ...(kernel !== '' && { kernel: prose(kernel, 128) }),
    ...(osImage !== '' && { os: prose(osImage, 128) }),
  };
  if (report?.state === 'told') return { name, state: 'told', ...own, ...row };
  const why = report?.why ?? `Nothing is known of ${name}.`;
  return { name, state: 'unknown', why, ...ofKernel(row, own.kernel), ...own };
}

/** The row of a report that does not count. Whether there are headers it says of its own kernel, and of no other. */
function ofKernel(row: ReportBrief['row'] | undefined, kernel: string | undefined): Partial<NodeOutput> {
  if (row === undefined || kernel === undefined || row.kernel === kernel) return { ...row };
  const { headers: _, ...others } = row;
  return others;
}

/**
 * What of the nodes is news: without figures that go up and down while all is well. That they could not be read is none while
 * they are known from before, and why is none in any case.
 */
export function nodesNews({ nodes, unread, ...counts }: NodesOutput): object {
  return {
    ...counts,
    ...(unread !== undefined && counts.total === 0 && { unread: true }),
    nodes: nodes.map(({ hugePages, wekaMounts: _mounts, freeGiB: _free, ...rest }) => ({
      ...rest,
      ...(hugePages !== undefined && { hugePages: hugePages.map(({ free: _, ...pages }) => pages) }),
    })),
  };
}

function byName({ name: one }: SeenNode, { name: other }: SeenNode): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
