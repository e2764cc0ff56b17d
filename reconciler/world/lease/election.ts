import type { ReconcilerError } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { Claim } from './lease-record.ts';
import type { LeaseStore } from './lease-store.ts';
import type { SteadyTime } from '../steady-time.ts';

/** What standing for a lease and holding it have in common. */
export interface Election {
  /** `namespace/name`. */
  readonly id: string;
  /** As it stands in the record while the lease is ours. */
  readonly identity: string;
  readonly store: LeaseStore;
  readonly durationMs: number;
  readonly renewMs: number;
  readonly clock: Clock;
  readonly time: SteadyTime;
  readonly random: () => number;
  readonly log: Log;
}

/** The part of its duration for which a holder trusts its lease, from when it began to renew it. */
const TRUSTED = 2 / 3;

/**
 * The part of a lease's duration for which a contender waits. With this one even a machine whose clock runs at twice
 * the rate of the holder's does not take a lease that its holder still trusts.
 */
const PATIENCE = 4 / 3;

export function trustedMs(durationMs: number): number {
  return durationMs * TRUSTED;
}

export function patienceMs(durationMs: number): number {
  return durationMs * PATIENCE;
}

/** The wait before another look: about two fifths of the time between renewals, never twice the same. */
export function pollMs({ renewMs, random }: Election): number {
  return renewMs * (0.3 + 0.2 * random());
}

/** A contender that gets no answer waits twice as long each time, up to so many times the wait between looks. */
const LONGEST_PAUSE = 12;

/** The wait after so many failures in a row: longer each time, and as long as a busy API server asks for. */
export function pauseMs(election: Election, error: ReconcilerError, failures = 1): number {
  const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(pollMs(election) * Math.min(LONGEST_PAUSE, 2 ** (failures - 1)), askedMs);
}

/** What our record says from now on. */
export function claim({ identity, durationMs, clock }: Election, term: number, acquiredAt: Date): Claim {
  return { holder: identity, durationMs, term, acquiredAt, renewedAt: clock.now() };
}
