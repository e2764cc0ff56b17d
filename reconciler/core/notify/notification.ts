import type { CommitState } from '../../../schemas/output/commit-state.ts';
import type { Notification } from '../../../schemas/output/notification.ts';
import type { Obstacle, Status } from '../../../schemas/output/status.ts';
import { sha256Hex } from '../kube/hash.ts';
import { countOutcomes, planOutput, reportOutput, statusOutput } from '../report/json.ts';
import { withoutSecrets } from '../report/last-net.ts';
import { clip, prose } from '../report/plain.ts';
import type { Report } from '../report/report.ts';
import { brakeWords, healthWords, reportWords, whereOf } from '../report/words.ts';
import type { CommitEnd } from '../report/commit-end.ts';

/** Obstacles, and consents, that are told; the rest is counted. */
const MOST_TOLD = 10;

/** What a notification says besides what was seen. */
export interface NotificationFrame {
  readonly cluster: string;
  readonly ref: string;
  readonly at: Date;
  readonly recovered: boolean;
  readonly url?: string | undefined;
}

/** What is told of the end that a commit has come to by a report. */
export function reportNotification(report: Report, end: CommitEnd, frame: NotificationFrame): Notification {
  const output = reportOutput(report);
  const { approvals } = planOutput(report);
  const status = statusOutput(report, frame.at);
  const { author, subject, brake } = output;
  const { state } = end;
  const health = healthWords(output.objects);
  const words = {
    applied: `is applied: ${reportWords(output)}; ${health}`,
    healthy: `is healthy${frame.recovered ? ' again' : ''}: ${health}`,
    waiting: `waits: ${brake === undefined ? reportWords(output) : brakeWords(brake)}`,
    failed: `has failed: ${reportWords(output)}; ${health}`,
  }[state];
  const notification = {
    ...framed(end, frame, words),
    author: prose(author, 200),
    subject: prose(subject, 200),
    made: countOutcomes(output.outcomes),
    ...obstaclesOf(state === 'failed' ? failuresOf(status) : state === 'waiting' ? status.waiting : []),
    approvals: approvals.slice(0, MOST_TOLD).map(({ action, target, path }) => ({ action, target, path })),
  };
  return withoutSecrets(notification, report.sealedTexts);
}

/** What is told of a commit that is wanted and cannot be read. */
export function unreadNotification(
  error: { readonly code: string; readonly message: string; readonly hint?: string | undefined },
  end: CommitEnd,
  frame: NotificationFrame,
): Notification {
  const why = [error.message, error.hint].filter(Boolean).join(' ');
  return withoutSecrets({
    ...framed(end, frame, `cannot be read (${error.code})`),
    ...obstaclesOf([{ target: whereOf({ ref: frame.ref, commit: end.commit }), why }]),
    approvals: [],
  });
}

function framed(
  { commit, state, detail }: CommitEnd,
  { cluster, ref, at, recovered, url }: NotificationFrame,
  words: string,
): Pick<Notification, 'id' | 'state' | 'recovered' | 'summary' | 'commit'> & Framed {
  return {
    apiVersion: 'weka-gitops.dev/v1',
    kind: 'Notification',
    id: sha256Hex([cluster, commit, state, detail, at.toISOString()].join(' ')).slice(0, 32),
    at: at.toISOString(),
    cluster,
    ref,
    commit,
    state,
    recovered,
    summary: clip(`${prose(cluster, 200)} at ${whereOf({ ref, commit })} ${words}`, 500),
    ...(url === undefined ? {} : { url }),
  };
}

type Framed = Pick<Notification, 'apiVersion' | 'kind' | 'at' | 'cluster' | 'ref' | 'url'>;

function failuresOf({ findings, failed, refused, objects }: Status): readonly Obstacle[] {
  return [
    ...findings.flatMap(({ level, file, line, message }) =>
      level === 'error' ? [{ target: `${file}:${line}`, why: message }] : [],
    ),
    ...failed.map(({ target, why = '' }) => ({ target, why })),
    ...refused,
    ...objects.flatMap(({ target, state, message }) =>
      state === 'failed' ? [{ target, why: message }] : [],
    ),
  ];
}

function obstaclesOf(all: readonly Obstacle[]): Pick<Notification, 'obstacles' | 'more'> {
  const obstacles = all.slice(0, MOST_TOLD).map(({ target, why }) => ({
    target: prose(target, 300),
    why: prose(why, 500),
  }));
  return { obstacles, more: all.length - obstacles.length };
}

/** How a state is shown to people, told apart without colour. */
export const STATE_SYMBOLS = {
  applied: '…',
  healthy: '✓',
  waiting: '⏸',
  failed: '✗',
} as const satisfies Readonly<Record<CommitState, string>>;
