import type { PassConfig } from '../assess.ts';
import type { Cause } from '../core/schedule/backoff.ts';
import { ReconcilerError } from '../errors.ts';
import { Bell } from './bell.ts';
import type { Duty } from './duty.ts';
import { abortOf, isAbortOf } from './ending.ts';
import { FollowedRef } from './followed-ref.ts';
import { ForgeTelling } from './forge-telling.ts';
import { Notifying } from './notifying.ts';
import type { Hint } from '../world/forge/webhook-hint.ts';
import { stopDeadline } from '../world/stop-deadline.ts';
import { UnattendedPasses } from './passes.ts';
import { Telling } from './telling.ts';
import { Trouble } from './trouble.ts';
import { Turns } from './turns.ts';

/**
 * Why a pass is due. `commit`: the ref moved, or what it points to is tried again; `change`: an object was changed or
 * deleted in the cluster; `health`: how one does has changed; `node`: a node tells something else of itself; `retry`: it is
 * the turn of something that failed.
 */
type Reason = 'start' | 'commit' | 'change' | 'health' | 'node' | 'retry';

/** Changes that belong together come within this time: one `kubectl apply` of a folder, a rollout's first steps. */
const GATHER_MS = 200;
/** Pushes that belong together come within this time. */
const GATHER_PUSHES_MS = 50;
/** Least time between two polls that pushes lead to, however often somebody pushes. */
const PUSHES_APART_MS = 1_000;
/** Health follows every pod that starts, so it is looked at less often. */
const HEALTH_MS = 5_000;
/** Of a thousand nodes there is one every few seconds that tells something. */
const NODES_MS = 5_000;

/**
 * Runs passes whenever one is due, one at a time, for as long as it holds the lease. It polls the repository, hears of
 * changes in the cluster from watches, and tries again what failed, each cause at its own pace. A newer commit takes the
 * place of one that waits; a pass that runs is never broken off.
 */
export class Schedule {
  readonly #duty: Duty;
  readonly #pollMs: number;
  readonly #trouble: Trouble;
  readonly #turns: Turns;
  readonly #ref: FollowedRef;
  readonly #telling: Telling;
  readonly #forgeTelling: ForgeTelling;
  readonly #notifying: Notifying;
  readonly #passes: UnattendedPasses;
  readonly #followed: string;
  /** Rings for the poll while the lease is held. */
  #pollBell: Bell<'due' | 'push'> | undefined;
  /** When a push last led to a poll, in steady milliseconds. */
  #pushedAt = -Infinity;

  constructor(duty: Duty, config: PassConfig, { pollSeconds }: { readonly pollSeconds: number }) {
    this.#duty = duty;
    this.#pollMs = pollSeconds * 1000;
    this.#followed = config.ref;
    this.#trouble = new Trouble(duty);
    this.#turns = new Turns(duty.time);
    this.#ref = new FollowedRef(duty.repository, this.#trouble);
    this.#telling = new Telling(duty, { trouble: this.#trouble, turns: this.#turns });
    this.#forgeTelling = new ForgeTelling(duty, { cluster: config.cluster, turns: this.#turns });
    this.#notifying = new Notifying(duty, { cluster: config.cluster, ref: config.ref });
    this.#passes = new UnattendedPasses(duty, config, {
      ref: this.#ref,
      trouble: this.#trouble,
      telling: this.#telling,
      forgeTelling: this.#forgeTelling,
      notifying: this.#notifying,
    });
  }

  /** Returns once `signal` is aborted and what was under way is finished. Nothing but a bug ends it before. */
  async run(signal: AbortSignal): Promise<void> {
    const { lease, metrics, time } = this.#duty;
    using last = stopDeadline(signal, time);
    try {
      while (!signal.aborted) {
        metrics.setLeader(false);
        if (!(await this.#acquire(signal))) continue;
        metrics.setLeader(true);
        await this.#lead(signal, last.signal);
      }
    } catch (error) {
      if (!isAbortOf(signal, error)) throw error;
    } finally {
      metrics.setLeader(false);
      await lease.release();
    }
  }

  /** Why the process is of no use any more. */
  health(): string | undefined {
    return this.#turns.stalled();
  }

  /** Hears of what may have moved the ref: it is looked at then, and not only when it is its turn. */
  hint({ event, ref }: Hint): void {
    if (event !== 'push' || (ref !== undefined && !isNamed(ref, this.#followed))) return;
    const sinceMs = this.#duty.time.now() - this.#pushedAt;
    this.#pollBell?.ringWithin(Math.max(GATHER_PUSHES_MS, PUSHES_APART_MS - sinceMs), 'push');
  }

  /** What is waited for before all is as it should be. One that stands by for another holder is ready. */
  waitsFor(): readonly string[] {
    const { lease, cluster } = this.#duty;
    if (!lease.isHeld()) return lease.rival === undefined ? [`the lease ${lease.id}`] : [];
    const { waitingFor, blocked } = cluster.state();
    const { halt } = this.#ref;
    return [
      ...(this.#passes.hasReport ? [] : ['the first pass']),
      ...(halt === undefined ? [] : [`commit ${halt.commit}: ${halt.error.message} (${halt.error.code})`]),
      ...waitingFor,
      ...blocked,
    ];
  }

  /** What a person has to mend, a right that is missing for one, may be mended while we wait. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { lease } = this.#duty;
    try {
      await lease.acquire(signal);
      return true;
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      this.#trouble.failed('api', error, 'Could not take the lease');
      await this.#patience('api', signal);
      return false;
    }
  }

  async #lead(signal: AbortSignal, late: AbortSignal): Promise<void> {
    const { lease, cluster, time } = this.#duty;
    const lost = new AbortController();
    const forget = lease.onLost((error) => lost.abort(error));
    const tenure = AbortSignal.any([signal, lost.signal]);
    // Another one may have been at work since.
    this.#ref.taken();
    cluster.readAgain();
    const bell = new Bell<Reason>(time, tenure, { of: ['change'], gatherMs: GATHER_MS });
    const hearing = cluster.onChange(({ status, agent }) => {
      if (agent === true) bell.ringWithin(NODES_MS, 'node');
      else if (status === true) bell.ringWithin(HEALTH_MS, 'health');
      else bell.ring('change');
    });
    bell.ring('start');
    const loops = [
      this.#poll(bell, tenure),
      this.#work(bell, tenure),
      this.#telling.run(tenure, late),
      this.#forgeTelling.run(tenure, late),
      this.#notifying.run(tenure, late),
    ];
    const bugs: unknown[] = [];
    const settled = Promise.all(
      loops.map((loop) =>
        loop.catch((error: unknown) => {
          if (!isAbortOf(tenure, error) && !isAbortOf(late, error)) bugs.push(error);
          // One that ends takes the others with it.
          lost.abort();
        }),
      ),
    );
    try {
      // A pass under way finishes its writes; the lease is kept, or not asked for again, until then.
      await Promise.race([settled, abortOf(late)]);
      if (signal.aborted && lease.isHeld() && bugs.length === 0) await this.#finish(late);
    } finally {
      forget();
      hearing[Symbol.dispose]();
    }
    if (bugs.length > 0) throw bugs[0];
  }

  /** Whoever is slow keeps none of the others back. */
  async #finish(late: AbortSignal): Promise<void> {
    await Promise.all([
      this.#telling.finish(late),
      this.#forgeTelling.finish(late),
      this.#notifying.finish(late),
    ]);
  }

  /** Asks the repository where its ref is: one listing a turn. */
  async #poll(bell: Bell<Reason>, tenure: AbortSignal): Promise<never> {
    const { cluster, metrics, time, random } = this.#duty;
    const own = new Bell<'due' | 'push'>(time, tenure);
    this.#pollBell = own;
    let blocked = '';
    for (;;) {
      const state = cluster.state();
      metrics.observeWatches(state);
      // No watch tells of what it may not see any more, and only a pass says so on the status branch.
      if (state.blocked.join('\n') !== blocked) bell.ring('change');
      blocked = state.blocked.join('\n');
      const waitMs = this.#trouble.remainingMs('repository');
      if (waitMs > 0) {
        // A server may ask for an hour, and how the watches do is told all the same.
        await time.sleep(Math.min(waitMs, this.#pollMs), tenure);
        continue;
      }
      const hasLooked = await this.#turns.during('The poll', () => this.#look(bell, tenure));
      if (!hasLooked) continue;
      own.ringAfter(this.#pollMs * (0.9 + 0.2 * random()), 'due');
      const reasons = await own.next();
      if (reasons.has('push')) this.#pushedAt = time.now();
    }
  }

  async #look(bell: Bell<Reason>, signal: AbortSignal): Promise<boolean> {
    const { metrics, clock } = this.#duty;
    try {
      const seen = await this.#ref.poll({ signal });
      metrics.observePoll(seen === 'unchanged' ? 'unchanged' : 'moved');
      if (this.#passes.hasReport) metrics.observeIdle(clock.now(), this.#passes.isAsAsked());
      if (seen === 'unread') bell.ring('commit');
      this.#trouble.ended('repository');
      return true;
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      signal.throwIfAborted();
      metrics.observePoll('failed');
      this.#trouble.failed('repository', error, 'Could not ask the repository');
      return false;
    }
  }

  async #work(bell: Bell<Reason>, tenure: AbortSignal): Promise<never> {
    for (;;) {
      const reasons = await bell.next();
      // Where whole passes fail, nothing that is heard of makes them better.
      await this.#patience('api', tenure);
      const dueMs = await this.#turns.during('The pass', () => this.#passes.pass(reasons, tenure));
      if (dueMs === undefined) bell.cancel('retry');
      else bell.ringAfter(dueMs, 'retry');
      if (this.#ref.halt !== undefined) bell.ringAfter(this.#trouble.remainingMs('commit'), 'commit');
    }
  }

  /** Leaves a cause that fails alone until it is its turn again. */
  async #patience(cause: Cause, signal: AbortSignal): Promise<void> {
    const ms = this.#trouble.remainingMs(cause);
    if (ms > 0) await this.#duty.time.sleep(ms, signal);
  }
}

/** Whether a full ref is what is configured, by its full name or as a branch or tag. */
function isNamed(ref: string, configured: string): boolean {
  return [configured, `refs/heads/${configured}`, `refs/tags/${configured}`].includes(ref);
}
