import type { ReconcilerError } from '../../errors.ts';

/**
 * What can fail by itself. One that fails makes none of the others wait. `repository`: to list its refs; `commit`: to read
 * the one that is wanted; `api`: to carry out a pass; `unread`: to see all of the cluster; `status`: to write its branch;
 * `forge`: to tell it of commits; `notification`: to reach one receiver.
 */
export type Cause = 'repository' | 'commit' | 'api' | 'unread' | 'status' | 'forge' | 'notification';

export interface Pace {
  /** The longest wait after the first failure; it doubles with each one more. */
  readonly baseMs: number;
  readonly capMs: number;
}

export const PACES: Readonly<Record<Cause, Pace>> = {
  repository: { baseMs: 2_000, capMs: 120_000 },
  // Most of what makes a commit unreadable is in it, and each try is a fetch.
  commit: { baseMs: 2_000, capMs: 600_000 },
  api: { baseMs: 1_000, capMs: 60_000 },
  unread: { baseMs: 1_000, capMs: 60_000 },
  status: { baseMs: 2_000, capMs: 300_000 },
  forge: { baseMs: 2_000, capMs: 300_000 },
  notification: { baseMs: 2_000, capMs: 300_000 },
};

/** Of one object, by whether time may mend what it failed of, or a person must. */
export const OBJECT_PACES: Readonly<Record<ReconcilerError['retry'], Pace>> = {
  'next-pass': { baseMs: 1_000, capMs: 60_000 },
  'after-change': { baseMs: 1_000, capMs: 300_000 },
};

/** A server may ask for patience, but not for more than this. */
const LONGEST_ASKED_MS = 3_600_000;

/** The causes that failed the last time they were tried. */
export type Backoff = Readonly<Partial<Record<Cause, Trouble>>>;

interface Trouble {
  /** In a row. */
  readonly failures: number;
  readonly until: number;
}

/** Nothing has failed. */
export const UNTROUBLED: Backoff = {};

export interface Failure {
  /** Steady milliseconds. */
  readonly now: number;
  /** Of [0, 1). */
  readonly random: number;
  /** What the server asked for, by `parseRetryAfter`. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * After a failure of `cause`: it waits for any time up to twice as long as before (full jitter), so that many clients
 * of one server that fails do not come back together. What the server asked for is waited for at least.
 */
export function afterFailure(
  backoff: Backoff,
  cause: Cause,
  failure: Failure,
  pace: Pace = PACES[cause],
): Backoff {
  const failures = (backoff[cause]?.failures ?? 0) + 1;
  return { ...backoff, [cause]: { failures, until: failure.now + waitMs(failures, failure, pace) } };
}

/** How long to wait after so many failures in a row. */
export function waitMs(
  failures: number,
  { random, retryAfterMs = 0 }: Omit<Failure, 'now'>,
  { baseMs, capMs }: Pace,
): number {
  const jittered = random * Math.min(capMs, baseMs * 2 ** (failures - 1));
  const asked = Math.min(LONGEST_ASKED_MS, Math.max(0, retryAfterMs));
  return Math.max(jittered, asked);
}

/** After a success of `cause`: its next failure is a first one again. */
export function afterSuccess(backoff: Backoff, cause: Cause): Backoff {
  if (backoff[cause] === undefined) return backoff;
  const { [cause]: _, ...others } = backoff;
  return others;
}

/** How long `cause` is still left alone; 0 where it may be tried. */
export function remainingMs(backoff: Backoff, cause: Cause, now: number): number {
  return Math.max(0, (backoff[cause]?.until ?? now) - now);
}

/** Milliseconds that a Retry-After header asks for, in either of its forms; undefined where it is neither. */
export function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  // The only form of date that HTTP still allows senders: Wed, 21 Oct 2026 07:28:00 GMT.
  if (!/^\s*[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT\s*$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}
