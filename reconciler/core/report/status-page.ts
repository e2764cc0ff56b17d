import { Status } from '../../../schemas/output/status.ts';
import type { ForgePages } from '../../forge-port.ts';
import type { StatusCommit, StatusFile } from '../../ports.ts';
import { canonicalJson } from '../kube/hash.ts';
import { nodesNews } from '../nodes/nodes-output.ts';
import { boundedStatus } from './bounded.ts';
import { statusDiagram } from './diagram.ts';
import { historyTable, isHistory, withPass } from './history.ts';
import { jsonText, reportOutput, statusOutput } from './json.ts';
import { statusMarkdown } from './markdown.ts';
import { clip } from './plain.ts';
import { isClean, type Report } from './report.ts';
import { newsWords, whereOf } from './words.ts';

const PAGE = 'README.md';
const RECORD = 'status.json';
const PAGE_SIZE = 65_536;

/** Without news the branch says once a day that somebody still looks: passes that come once a day come some minutes early or late. */
const HEARTBEAT_MS = 23.5 * 60 * 60 * 1000;
/** Commits on the branch for each pass that `history/` keeps: older ones are dropped with their history files. */
const COMMITS_PER_PASS = 5;

/** What the branch's `status.json` says; undefined where there is none that can be read. */
export function recordedStatus(tip: readonly StatusFile[]): Status | undefined {
  const file = tip.find(({ path }) => path === RECORD);
  if (file === undefined) return undefined;
  try {
    return Status.safeParse(JSON.parse(file.text)).data;
  } catch {
    return undefined;
  }
}

/**
 * What a pass adds to the status branch whose files are `tip`; undefined where it changed nothing, the cluster stands
 * as the branch says already, and that was said within a day. Files that are not ours stay as they are.
 */
export function statusCommit(
  report: Report,
  tip: readonly StatusFile[],
  options: { readonly now: Date; readonly history: number; readonly pages?: ForgePages | undefined },
): StatusCommit | undefined {
  const { now, history, pages } = options;
  const recorded = recordedStatus(tip);
  const seen = boundedStatus(withLastNodes(statusOutput(report, now), report, recorded));
  const status = isFailing(seen, recorded) ? { ...seen, failing: true as const } : seen;
  const news = recorded === undefined || didSomething(report) || standing(status) !== standing(recorded);
  if (!news && Math.abs(now.getTime() - Date.parse(recorded.at)) < HEARTBEAT_MS) return undefined;

  const told = news ? status : { ...status, ...(recorded.lastPass && { lastPass: recorded.lastPass }) };
  const passes = news ? withPass(tip, reportOutput(report), history) : tip.filter(isHistory);
  const page = statusMarkdown(told, PAGE_SIZE, {
    picture: statusDiagram(told),
    history: historyTable(passes, pages),
  });
  const foreign = tip.filter((file) => ![PAGE, RECORD].includes(file.path) && !isHistory(file));
  return {
    message: messageOf(report, news),
    files: [...foreign, { path: PAGE, text: page }, { path: RECORD, text: jsonText(told) }, ...passes],
    keepCommits: COMMITS_PER_PASS * Math.max(1, history),
  };
}

/** Where the nodes could not be read, and time may mend that, they stand as they were known last. */
function withLastNodes(status: Status, { nodes: seen }: Report, recorded: Status | undefined): Status {
  const isPassing = seen !== undefined && 'unread' in seen && seen.isPassing;
  const { nodes: unread, ...rest } = status;
  if (!isPassing || recorded === undefined || unread?.unread === undefined) return status;
  const { nodes: last } = recorded;
  return last === undefined ? rest : { ...rest, nodes: { ...last, unread: unread.unread } };
}

function isFailing({ end }: Status, recorded: Status | undefined): boolean {
  return end?.state === 'failed' || (recorded?.failing === true && end?.state !== 'healthy');
}

/** Whether a pass changed anything. */
export function didSomething({ outcomes }: Pick<Report, 'outcomes'>): boolean {
  return outcomes.some(({ result }) => result === 'done');
}

/**
 * What a status says apart from when, apart from the work that led there, and apart from figures of nodes that go up and
 * down while all is well.
 */
function standing({ at: _at, lastPass: _lastPass, digest: _digest, nodes, ...rest }: Status): string {
  return canonicalJson({ ...rest, ...(nodes !== undefined && { nodes: nodesNews(nodes) }) });
}

function messageOf(report: Report, news: boolean): string {
  const words = news ? newsWords(reportOutput(report)) : 'as before';
  return [
    clip(`${whereOf(report)}: ${words}`, 72),
    '',
    `Weka-Gitops-Commit: ${report.commit}`,
    `Weka-Gitops-Plan: ${report.digest}`,
    `Weka-Gitops-Clean: ${isClean(report)}`,
    '',
  ].join('\n');
}
