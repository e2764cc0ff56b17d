import { Status } from '../../../schemas/output/status.ts';
import type { ForgePages } from '../../forge-port.ts';
import type { StatusCommit, StatusFile } from '../../ports.ts';
import type { DriversLock } from '../drivers/lock.ts';
import { canonicalJson } from '../kube/hash.ts';
import { nodesNews } from '../nodes/nodes-output.ts';
import { boundedStatus } from './bounded.ts';
import { needPerson } from './drivers-need.ts';
import { driversNews, untilItEnds } from './drivers-news.ts';
import { statusDiagram } from './diagram.ts';
import { historyTable, isHistory, withPass } from './history.ts';
import { escapedJson, jsonText, reportOutput, statusOutput } from './json.ts';
import { statusMarkdown } from './markdown.ts';
import { clip } from './plain.ts';
import { isClean, type Report } from './report.ts';
import { newsWords, whereOf } from './words.ts';

const PAGE = 'README.md';
const RECORD = 'status.json';
const LOCK = 'drivers.lock';
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
  const lock = lockFile(report, tip);
  const isNewLock = lock !== undefined && tip.find(({ path }) => path === LOCK)?.text !== lock.text;
  const news =
    recorded === undefined ||
    isNewLock ||
    didSomething(report) ||
    standing(untilDriversEnd(status, recorded)) !== standing(recorded);
  if (!news && Math.abs(now.getTime() - Date.parse(recorded.at)) < HEARTBEAT_MS) return undefined;

  const told = news ? status : { ...status, ...(recorded.lastPass && { lastPass: recorded.lastPass }) };
  const passes = news ? withPass(tip, reportOutput(report), history) : tip.filter(isHistory);
  const page = statusMarkdown(told, PAGE_SIZE, {
    picture: statusDiagram(told),
    history: historyTable(passes, pages),
    ...(lock !== undefined && { lock: LOCK }),
  });
  // Where nobody asks for drivers any more, what was pinned stays to be read.
  const ours = [PAGE, RECORD, ...(lock === undefined ? [] : [LOCK])];
  const foreign = tip.filter((file) => !ours.includes(file.path) && !isHistory(file));
  return {
    message: messageOf(report, news),
    files: [
      ...foreign,
      { path: PAGE, text: page },
      { path: RECORD, text: jsonText(told) },
      ...(lock === undefined ? [] : [lock]),
      ...passes,
    ],
    keepCommits: COMMITS_PER_PASS * Math.max(1, history),
  };
}

/** The pinned packages; undefined where nobody asks for drivers, or none ever was pinned. */
function lockFile({ drivers }: Report, tip: readonly StatusFile[]): StatusFile | undefined {
  const wasThere = tip.some(({ path }) => path === LOCK);
  if (drivers === undefined || (drivers.lock.length === 0 && drivers.doubtful === undefined && !wasThere))
    return undefined;
  const { lock: packages, doubtful } = drivers;
  const lock: DriversLock = {
    schemaVersion: 1,
    packages: [...packages],
    ...(doubtful !== undefined && { doubtful: [...doubtful] }),
  };
  return { path: LOCK, text: `${escapedJson(lock)}\n` };
}

/** Where the nodes could not be read, and time may mend that, they stand as they were known last, and so do their drivers. */
function withLastNodes(status: Status, { nodes: seen }: Report, recorded: Status | undefined): Status {
  const isPassing = seen !== undefined && 'unread' in seen && seen.isPassing;
  const { nodes: unread, drivers, ...rest } = status;
  if (!isPassing || recorded === undefined || unread?.unread === undefined) return status;
  const { nodes: last, drivers: lastDrivers } = recorded;
  return {
    ...rest,
    ...(last !== undefined && { nodes: { ...last, unread: unread.unread } }),
    ...(drivers !== undefined &&
      lastDrivers !== undefined && { drivers: { ...lastDrivers, unread: drivers.unread ?? unread.unread } }),
    // What they need of a person they need still.
    ...(isSaidToBeWell(status) &&
      recorded.commit === status.commit &&
      needPerson(lastDrivers) && {
        clean: recorded.clean,
        ...(recorded.end !== undefined && { end: recorded.end }),
      }),
  };
}

function isSaidToBeWell({ clean, end }: Status): boolean {
  return clean && (end?.state === 'healthy' || end?.state === 'applied');
}

function untilDriversEnd(status: Status, recorded: Status): Status {
  const { drivers } = status;
  return drivers === undefined ? status : { ...status, drivers: untilItEnds(drivers, recorded.drivers) };
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
function standing({
  at: _at,
  lastPass: _lastPass,
  digest: _digest,
  nodes,
  drivers,
  ...rest
}: Status): string {
  return canonicalJson({
    ...rest,
    ...(nodes !== undefined && { nodes: nodesNews(nodes) }),
    ...(drivers !== undefined && { drivers: driversNews(drivers) }),
  });
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
