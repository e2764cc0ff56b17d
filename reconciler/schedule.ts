import type { PassConfig } from './assess.ts';
import { Bell } from './bell.ts';
import { ReconcilerError } from './errors.ts';
import { FollowedRef } from './followed-ref.ts';
import type { Clock, Cluster, Log, Repository, StatusBranch } from './ports.ts';
import { Trouble } from './trouble.ts';
import { type Due, UnattendedPasses } from './unattended-passes.ts';
import type { Lease } from './world/lease/lease.ts';
import type { SteadyTime } from './world/steady-time.ts';
import type { WatchedCluster } from './world/live/watched-cluster.ts';
import type { Metrics } from './world/server/metrics.ts';

/** What an unattended process reaches the world through. */
export interface Duty {
  readonly repository: Repository;
  readonly cluster: WatchedCluster;
  /** The same cluster, with nothing answered from memory. */
  readonly fresh: Pick<Cluster, 'get'>;
  readonly statusBranch: StatusBranch | undefined;
  readonly lease: Lease;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly time: SteadyTime;
  /** Of [0, 1). */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Why a pass is due. `commit`: the ref moved; `change`: an object was changed or deleted in the cluster; `health`: how
 * one does has changed; `retry`: something failed; `tell`: the last pass could not be told; `heartbeat`: a day went by.
 */
type Reason = 'start' | 'commit' | 'change' | 'health' | Due['reason'] | 'heartbeat';

/** Changes that belong together come within this time: one `kubectl apply` of a folder, a rollout's first steps. */
const QUIET_MS = 200;
/** Health follows every pod that starts, so it is looked at less often. */
const HEALTH_MS = 5_000;
const DAY_MS = 24 * 3_600_000;
/** Without a turn of the loop for so long something hangs that has no deadline of its own. */
const STALLED_MS = 30 * 60_000;

/**
 * Runs passes whenever one is due, one at a time, for as long as it holds the lease. It polls the repository, hears of
 * changes in the cluster from watches, and tries again what failed, each cause at its own pace. A newer commit takes the
 * place of one that waits; a pass that runs is never broken off.
 */
export class Schedule {
  readonly #duty: Duty;
  readonly #pollMs: number;
  readonly #bell: Bell<Reason>;
  readonly #trouble: Trouble;
  readonly #ref: FollowedRef;
  readonly #passes: UnattendedPasses;
  #watchesLost = 0;
  #healthDue = false;
  #turnedAt: number;

  constructor(duty: Duty, config: PassConfig, { pollSeconds }: { readonly pollSeconds: number }) {
    this.#duty = duty;
    this.#pollMs = pollSeconds * 1000;
    this.#bell = new Bell(duty.time, { of: ['change'], quietMs: QUIET_MS });
    this.#trouble = new Trouble(duty);
    this.#ref = new FollowedRef(duty.repository, this.#trouble);
    this.#passes = new UnattendedPasses(duty, config, { ref: this.#ref, trouble: this.#trouble });
    this.#turnedAt = duty.time.now();
  }

  /** Returns once `signal` is aborted and what was under way is finished. Nothing but a bug ends it before. */
  async run(signal: AbortSignal): Promise<void> {
    const { lease, metrics } = this.#duty;
    try {
      while (!signal.aborted) {
        metrics.setLeader(false);
        if (!(await this.#acquire(signal))) continue;
        metrics.setLeader(true);
        await this.#lead(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      metrics.setLeader(false);
      await lease.release();
    }
  }

  /** Why the process is of no use any more. */
  health(): string | undefined {
    const silentMs = this.#duty.time.now() - this.#turnedAt;
    if (!this.#duty.lease.isHeld() || silentMs < STALLED_MS) return undefined;
    return `The loop has not turned for ${Math.round(silentMs / 60_000)} minutes`;
  }

  /** What is waited for before all is as it should be. One that stands by for another holder is ready. */
  waitsFor(): readonly string[] {
    const { lease, cluster } = this.#duty;
    if (!lease.isHeld()) return lease.rival === undefined ? [`the lease ${lease.id}`] : [];
    const { waitingFor } = cluster.state();
    return [...(this.#passes.hasReport ? [] : ['the first pass']), ...waitingFor];
  }

  /** What a person has to mend, a right that is missing for one, may be mended while we wait. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { lease, time } = this.#duty;
    try {
      await lease.acquire(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReconcilerError)) throw error;
      this.#trouble.failed('api', error, 'Could not take the lease');
      await time.sleep(this.#trouble.remainingMs('api'), signal);
      return false;
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    const { lease, cluster } = this.#duty;
    const lost = new AbortController();
    const forget = lease.onLost((error) => lost.abort(error));
    const tenure = AbortSignal.any([signal, lost.signal]);
    const hearing = cluster.onChange(({ status }) => this.#hear(status === true, tenure));
    this.#bell.ring('start');
    this.#bell.ringAfter(DAY_MS, 'heartbeat', tenure);
    const loops = [this.#poll(tenure), this.#work(tenure)];
    try {
      await Promise.all(loops);
    } catch (error) {
      if (!tenure.aborted) throw error;
    } finally {
      lost.abort();
      // A pass under way finishes its writes and tells of them; the lease is kept, or not asked for again, until then.
      await Promise.allSettled(loops);
      forget();
      hearing[Symbol.dispose]();
    }
  }

  #hear(onlyStatus: boolean, tenure: AbortSignal): void {
    if (!onlyStatus) {
      this.#bell.ring('change');
    } else if (!this.#healthDue) {
      this.#healthDue = true;
      this.#bell.ringAfter(HEALTH_MS, 'health', tenure);
    }
  }

  /** Asks the repository where its ref is: one listing a turn. */
  async #poll(tenure: AbortSignal): Promise<never> {
    const { metrics, time, clock, random } = this.#duty;
    for (;;) {
      await time.sleep(this.#trouble.remainingMs('repository'), tenure);
      this.#turnedAt = time.now();
      this.#countWatches();
      try {
        const seen = await this.#ref.poll();
        metrics.observePoll(seen === 'unchanged' ? 'unchanged' : 'moved');
        if (this.#passes.hasReport) metrics.observeIdle(clock.now(), this.#passes.isAsAsked());
        if (seen === 'unread') this.#bell.ring('commit');
        this.#trouble.ended('repository');
        await time.sleep(this.#pollMs * (0.9 + 0.2 * random()), tenure);
      } catch (error) {
        tenure.throwIfAborted();
        if (!(error instanceof ReconcilerError)) throw error;
        metrics.observePoll('failed');
        this.#trouble.failed('repository', error, 'Could not ask the repository');
      }
    }
  }

  #countWatches(): void {
    const { cluster, metrics } = this.#duty;
    const { lost } = cluster.state().counts;
    for (; this.#watchesLost < lost; this.#watchesLost += 1) metrics.observeWatchRestart();
  }

  async #work(tenure: AbortSignal): Promise<never> {
    for (;;) {
      const reasons = await this.#bell.next(tenure);
      this.#turnedAt = this.#duty.time.now();
      if (reasons.has('health')) this.#healthDue = false;
      if (reasons.has('heartbeat')) {
        this.#passes.tellAnew();
        this.#bell.ringAfter(DAY_MS, 'heartbeat', tenure);
      }
      const onlyTell = reasons.size === 1 && reasons.has('tell');
      const due = onlyTell ? await this.#passes.tell() : await this.#passes.pass(reasons, tenure);
      for (const { reason, ms } of due) this.#bell.ringAfter(ms, reason, tenure);
    }
  }
}
