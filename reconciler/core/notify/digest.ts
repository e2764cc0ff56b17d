import type { CommitState } from '../../../schemas/output/commit-state.ts';
import type { CommitEnd } from '../report/commit-end.ts';

// One receiver is told of the ends that commits come to, and of each once: what lasts only for moments is no end, and what
// comes and goes is told every few minutes at most.

/** How long something has to stay as it is before it is told. */
const SETTLE_MS: Readonly<Record<CommitState, number>> = {
  applied: 10_000,
  healthy: 10_000,
  failed: 30_000,
  // What waits for an object that another pass makes goes by itself.
  waiting: 60_000,
};
/** Least time between two that say the same of one commit. */
const AGAIN_MS = 5 * 60_000;
/** Of the last commits. */
const MOST_TIMES = 32;

/** What is known of one receiver. Times are steady milliseconds. */
export interface Digest {
  readonly seen?: { readonly end: CommitEnd; readonly since: number };
  readonly told?: CommitEnd;
  /** Whether the last that was told of was a failure, or what came of one. */
  readonly isFailing: boolean;
  readonly times: readonly { readonly name: string; readonly at: number }[];
}

export const NOTHING_TOLD: Digest = { isFailing: false, times: [] };

/** After a look at the cluster; undefined while the commit is on its way. */
export function afterSight(digest: Digest, end: CommitEnd | undefined, now: number): Digest {
  const { seen, ...rest } = digest;
  if (end === undefined) return rest;
  return seen !== undefined && isSame(seen.end, end) ? digest : { ...rest, seen: { end, since: now } };
}

/** What is seen counts as told: the process before this one has told it, if anybody wanted to know. */
export function asToldBefore(digest: Digest): Digest {
  return digest.seen === undefined ? digest : { ...digest, told: digest.seen.end };
}

/** What the record of the process before this one says counts as told, unless something was told since. */
export function recalled(digest: Digest, end: CommitEnd, isFailing: boolean): Digest {
  return digest.told === undefined ? { ...digest, told: end, isFailing } : digest;
}

/** In how long what is seen is to be told, 0 for now; undefined where it is not. */
export function dueMs(digest: Digest, on: readonly CommitState[], now: number): number | undefined {
  const { seen, told, times } = digest;
  if (seen === undefined || (told !== undefined && isSame(told, seen.end))) return undefined;
  if (!on.includes(seen.end.state) && !isRecovery(digest)) return undefined;
  const last = times.findLast(({ name }) => name === nameOf(seen.end))?.at ?? -Infinity;
  return Math.max(0, seen.since + SETTLE_MS[seen.end.state] - now, last + AGAIN_MS - now);
}

/** Whether what is seen ends a failure that was told. */
export function isRecovery({ seen, isFailing }: Digest): boolean {
  return isFailing && seen?.end.state === 'healthy';
}

/** After what is seen was told. */
export function afterTelling(digest: Digest, now: number): Digest {
  const { seen, times, isFailing } = digest;
  if (seen === undefined) return digest;
  const { state } = seen.end;
  return {
    ...digest,
    told: seen.end,
    isFailing: state === 'failed' || (isFailing && state !== 'healthy'),
    times: [...times, { name: nameOf(seen.end), at: now }].slice(-MOST_TIMES),
  };
}

function isSame(one: CommitEnd, other: CommitEnd): boolean {
  return one.commit === other.commit && one.state === other.state && one.detail === other.detail;
}

function nameOf({ commit, state }: CommitEnd): string {
  return `${commit} ${state}`;
}
