import type { Report as ReportOutput } from '../../schemas/output/report.ts';
import type { Notified } from '../../schemas/output/notified.ts';
import { dueMs, isRecovery } from '../core/notify/digest.ts';
import {
  type NotificationFrame,
  reportNotification,
  unreadNotification,
} from '../core/notify/notification.ts';
import { digestFor, nextNotified } from '../core/notify/notified.ts';
import { type CommitEnd, commitEnd } from '../core/report/commit-end.ts';
import { recordedPasses } from '../core/report/history.ts';
import { reportOutput } from '../core/report/json.ts';
import type { Report } from '../core/report/report.ts';
import { didSomething } from '../core/report/status-page.ts';
import { withRecorded } from '../core/report/with-recorded.ts';
import { ReconcilerError } from '../errors.ts';
import type { Forge } from '../forge-port.ts';
import type { Clock, CommitSha, Interruptible, StatusBranch, StatusFile } from '../ports.ts';
import type { Receiver } from '../world/notify/receiver.ts';
import type { SteadyTime } from '../world/steady-time.ts';
import { ClosingComments, type ReportNews } from './closing-comments.ts';
import { CommitStatuses } from './commit-statuses.ts';
import { statusAddress } from './status-address.ts';

/** Who is told of a pass besides the status branch. */
export interface Listeners {
  readonly forge?: Forge | undefined;
  /** Where commit statuses link to; the status branch on the forge where unset. */
  readonly statusUrl?: string | undefined;
  readonly receivers: readonly Receiver[];
  readonly time: SteadyTime;
}

export interface OncePlace extends Listeners {
  readonly cluster: string;
  /** The ref that the repository is read at, as configured. */
  readonly ref: string;
  readonly statusBranch: StatusBranch | undefined;
  /** Throws where nothing may be written any more. */
  readonly assertHeld: () => void;
  readonly clock: Clock;
}

/** What was known before the pass. */
export interface Before {
  /** Files of the status branch. */
  readonly recorded: readonly StatusFile[];
  /** The commit that was carried out before. */
  readonly lastCommit: CommitSha | undefined;
}

/** A pass that has ended, or a commit that none could be made of. */
export type Ended =
  /** `commits`: that of the report, and those that came with it. */
  | { readonly report: Report; readonly commits: () => Promise<readonly CommitSha[]> }
  | { readonly commit: CommitSha; readonly error: ReconcilerError };

/** What could not be told, and what is to be recorded of it. */
export interface Telling {
  readonly failures: readonly ReconcilerError[];
  /** Of what receivers were told; undefined where that is recorded already. */
  readonly notified: Notified | undefined;
}

/**
 * Tells the forge and all receivers what became of a pass that nothing follows in this process. What was done in passes before it,
 * and what was told of them, is known from the status branch alone: so that is written after this.
 */
export async function tellOnce(
  place: OncePlace,
  ended: Ended,
  before: Before,
  options: Interruptible = {},
): Promise<Telling> {
  const { forge, receivers } = place;
  const end = endOf(ended);
  const telling = forge && failureOf(() => tellForge(place, forge, ended, before, options));
  const notifying = receivers.map((receiver) =>
    failureOf(() => notify(place, receiver, { ended, end, recorded: before.recorded }, options)),
  );
  const failures = await Promise.all(notifying);
  const untold = receivers.filter((_, index) => failures[index] !== undefined).map(({ name }) => name);
  return {
    failures: [await telling, ...failures].filter((failure) => failure !== undefined),
    notified: receivers.length === 0 ? undefined : nextNotified(before.recorded, end, untold),
  };
}

async function failureOf(work: () => Promise<void>): Promise<ReconcilerError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ReconcilerError) return error;
    throw error;
  }
}

async function tellForge(
  place: OncePlace,
  forge: Forge,
  ended: Ended,
  { recorded, lastCommit }: Before,
  options: Interruptible,
): Promise<void> {
  const { cluster, assertHeld, time } = place;
  const url = statusAddress(place);
  const statuses = new CommitStatuses({ forge, place: { cluster, url }, time, assertHeld });
  if ('error' in ended) {
    const { code, message } = ended.error;
    statuses.want(ended.commit, () => ({ news: 'error', error: { code, message } }));
    await statuses.tell(options);
    return;
  }
  const { report, commits } = ended;
  const { commitStatus, comment } = report.settings.spec.report;
  const news: ReportNews = {
    news: 'report',
    report: withRecorded(reportOutput(report), recordedPasses(recorded)),
    approvals: report.awaited?.length ?? 0,
  };
  statuses.follow(report.commit);
  if (commitStatus) {
    if (lastCommit !== undefined && lastCommit !== report.commit) await statuses.recall(lastCommit, options);
    statuses.want(report.commit, () => news);
    await statuses.tell(options);
  }
  if (!comment) return;
  const isUntouched = !madeAnything(news.report) && news.report.clean;
  const comments = new ClosingComments(commits, { forge, time, assertHeld, statusUrl: url, isUntouched });
  await comments.write(news, !statuses.wasWell || didSomething(report), options);
}

function madeAnything({ outcomes }: ReportOutput): boolean {
  return outcomes.some(({ result }) => result === 'done');
}

async function notify(
  { cluster, ref, clock, ...place }: OncePlace,
  receiver: Receiver,
  {
    ended,
    end,
    recorded,
  }: { readonly ended: Ended; readonly end: CommitEnd | undefined; readonly recorded: Before['recorded'] },
  options: Interruptible,
): Promise<void> {
  const digest = digestFor(receiver, recorded, end);
  if (end === undefined || dueMs(digest, receiver.on, 0) !== 0) return;
  const frame: NotificationFrame = {
    cluster,
    ref,
    url: statusAddress(place),
    at: clock.now(),
    recovered: isRecovery(digest),
  };
  const notification =
    'error' in ended
      ? unreadNotification(ended.error, end, frame)
      : reportNotification(ended.report, end, frame);
  await receiver.send(notification, options);
}

function endOf(ended: Ended): CommitEnd | undefined {
  if ('report' in ended) return commitEnd(ended.report);
  return { commit: ended.commit, state: 'failed', detail: ended.error.code };
}
