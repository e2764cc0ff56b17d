import type { Report as ReportOutput } from '../../schemas/output/report.ts';
import type { Status } from '../../schemas/output/status.ts';
import { afterSight, type Digest, dueMs, isRecovery, NOTHING_TOLD, recalled } from '../core/notify/digest.ts';
import {
  type NotificationFrame,
  reportNotification,
  unreadNotification,
} from '../core/notify/notification.ts';
import { type CommitEnd, commitEnd } from '../core/report/commit-end.ts';
import { recordedPasses } from '../core/report/history.ts';
import { reportOutput } from '../core/report/json.ts';
import type { Report } from '../core/report/report.ts';
import { didSomething, recordedStatus } from '../core/report/status-page.ts';
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

/**
 * Tells the forge and all receivers what became of a pass that nothing follows in this process. What was done in passes before it,
 * and what was told of them, is known from the status branch alone. Gives what could not be told.
 */
export async function tellOnce(
  place: OncePlace,
  ended: Ended,
  before: Before,
  options: Interruptible = {},
): Promise<readonly ReconcilerError[]> {
  const { forge } = place;
  const jobs = [
    ...(forge === undefined ? [] : [() => tellForge(place, forge, ended, before, options)]),
    ...place.receivers.map((receiver) => () => notify(place, receiver, ended, before, options)),
  ];
  const failures = await Promise.all(
    jobs.map(async (job) => {
      try {
        await job();
        return [];
      } catch (error) {
        if (error instanceof ReconcilerError) return [error];
        throw error;
      }
    }),
  );
  return failures.flat();
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
  ended: Ended,
  before: Before,
  options: Interruptible,
): Promise<void> {
  const end = endOf(ended);
  // Nobody looks again, so that there is no waiting for it to settle.
  const digest = afterSight(toldBefore(recordedStatus(before.recorded)), end, -Infinity);
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

function toldBefore(recorded: Status | undefined): Digest {
  if (recorded?.end === undefined) return NOTHING_TOLD;
  return recalled(NOTHING_TOLD, { commit: recorded.commit, ...recorded.end });
}
