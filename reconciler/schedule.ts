import { statusOutput } from './core/report/json.ts';
import type { Report } from './core/report/report.ts';
import { isClean } from './core/report/report.ts';
import {
  afterFailure,
  afterSuccess,
  type Backoff,
  type Cause,
  remainingMs,
  UNTROUBLED,
} from './core/schedule/backoff.ts';
import { Bell } from './bell.ts';
import { ReconcilerError } from './errors.ts';
import type { Clock, Cluster, CommitSha, Log, Repository, Snapshot, StatusBranch } from './ports.ts';
import { type PassConfig, preparedOnce } from './assess.ts';
import { publish, type Published, reconcile } from './reconcile.ts';
import { fenced, fencedStatusBranch } from './world/lease/fenced.ts';
import type { Lease } from './world/lease/lease.ts';
import type { SteadyTime } from './world/lease/steady-time.ts';
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
type Reason = 'start' | 'commit' | 'change' | 'health' | 'retry' | 'tell' | 'heartbeat';

/** Events that belong together come within this time: one `kubectl apply` of a folder, a rollout's first steps. */
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
  readonly #config: PassConfig;
  readonly #pollMs: number;
  readonly #bell: Bell<Reason>;
  readonly #prepare = preparedOnce();
  #backoff: Backoff = UNTROUBLED;
  #tip: CommitSha | undefined;
  #snapshot: Snapshot | undefined;
  #last: Report | undefined;
  /** A report that the status branch has not got yet. */
  #untold: Report | undefined;
  /** What the status branch was last told, without times. */
  #told: string | undefined;
  #watchesLost = 0;
  #healthDue = false;
  #turnedAt: number;

  constructor(duty: Duty, config: PassConfig, { pollSeconds }: { readonly pollSeconds: number }) {
    this.#duty = duty;
    this.#config = config;
    this.#pollMs = pollSeconds * 1000;
    this.#bell = new Bell(duty.time);
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
    return [...(this.#last === undefined ? ['the first pass'] : []), ...waitingFor];
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
      this.#fail('api', error, 'Could not take the lease');
      await time.sleep(remainingMs(this.#backoff, 'api', time.now()), signal);
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
    try {
      await Promise.all([this.#poll(tenure), this.#work(tenure)]);
    } catch (error) {
      if (!tenure.aborted) throw error;
    } finally {
      lost.abort();
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
    const { repository, metrics, time, random } = this.#duty;
    for (;;) {
      await time.sleep(remainingMs(this.#backoff, 'repository', time.now()), tenure);
      this.#turnedAt = time.now();
      this.#countWatches();
      try {
        const tip = await repository.tip();
        metrics.observePoll(tip === this.#tip ? 'unchanged' : 'moved');
        if (this.#last !== undefined) metrics.observeIdle(this.#duty.clock.now(), this.#isAsAsked());
        if (tip !== this.#tip) {
          this.#tip = tip;
          this.#bell.ring('commit');
        }
        this.#succeed('repository');
        await time.sleep(this.#pollMs * (0.9 + 0.2 * random()), tenure);
      } catch (error) {
        tenure.throwIfAborted();
        if (!(error instanceof ReconcilerError)) throw error;
        metrics.observePoll('failed');
        this.#fail('repository', error, 'Could not ask the repository');
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
      const reasons = await this.#bell.next(QUIET_MS, tenure);
      this.#turnedAt = this.#duty.time.now();
      if (reasons.has('health')) this.#healthDue = false;
      if (reasons.has('heartbeat')) {
        this.#told = undefined;
        this.#bell.ringAfter(DAY_MS, 'heartbeat', tenure);
      }
      const onlyTell = reasons.size === 1 && reasons.has('tell');
      if (onlyTell && this.#untold !== undefined) await this.#tell(this.#untold, tenure);
      else await this.#pass(reasons, tenure);
    }
  }

  async #pass(reasons: ReadonlySet<Reason>, tenure: AbortSignal): Promise<void> {
    const { log, metrics, time, clock } = this.#duty;
    const startedAt = time.now();
    log.debug({ reasons: [...reasons] }, 'Pass begins');
    try {
      const { report, published, trouble } = await reconcile(this.#ports(), this.#config, {
        signal: tenure,
        fresh: this.#duty.fresh,
        prepare: this.#prepare,
        origin: (lastCommit) => this.#read(lastCommit),
        isNews: (each) => this.#isNews(each),
      });
      metrics.observePass(report, time.now() - startedAt);
      metrics.setSuspended(report.brake?.state === 'suspended');
      this.#last = report;
      this.#noteTold(report, published, tenure);
      const open = report.outcomes.some(({ result }) => result === 'failed' || result === 'held');
      for (const error of trouble) this.#fail('api', error, 'Pass did its work, but not all that follows');
      if (open || report.unread.length > 0 || trouble.length > 0) this.#retry('api', tenure);
      else this.#succeed('api');
      log.info(
        { commit: report.commit, clean: isClean(report), writes: report.outcomes.length },
        'Pass ended',
      );
    } catch (error) {
      tenure.throwIfAborted();
      if (!(error instanceof ReconcilerError)) throw error;
      metrics.observeFailedPass(error.code, { endedAt: clock.now(), durationMs: time.now() - startedAt });
      this.#fail('api', error, 'Pass failed');
      this.#bell.ringAfter(remainingMs(this.#backoff, 'api', time.now()), 'retry', tenure);
    }
  }

  #ports() {
    const { repository, cluster, statusBranch, lease, clock, log } = this.#duty;
    return {
      repository,
      cluster: fenced(cluster, lease),
      statusBranch: statusBranch === undefined ? undefined : fencedStatusBranch(statusBranch, lease),
      clock,
      log,
    };
  }

  /**
   * The commit that the ref was last seen at. What was read before stands in while the repository cannot be read, so
   * that its trouble does not keep a hand edit from being corrected.
   */
  async #read(lastCommit: CommitSha | undefined): Promise<Snapshot> {
    const { repository } = this.#duty;
    const known = this.#snapshot;
    if (known !== undefined && known.commit === this.#tip) return known;
    try {
      this.#snapshot = await repository.read(lastCommit);
      this.#tip = this.#snapshot.commit;
      return this.#snapshot;
    } catch (error) {
      if (!(error instanceof ReconcilerError) || known === undefined) throw error;
      this.#fail('repository', error, 'Could not read the repository; going on with the commit before');
      // The next poll finds the ref moved, and asks again.
      this.#tip = known.commit;
      return known;
    }
  }

  /** Whether the last pass found all as it should be, and nothing has been heard of since. */
  #isAsAsked(): boolean {
    return this.#last !== undefined && isClean(this.#last) && this.#duty.cluster.state().synced;
  }

  #isNews(report: Report): boolean {
    return report.outcomes.length > 0 || this.#told !== this.#words(report);
  }

  /** What the status branch would be told, save for times. */
  #words(report: Report): string {
    const { at: _at, lastPass: _lastPass, ...rest } = statusOutput(report, report.finishedAt);
    return JSON.stringify(rest);
  }

  async #tell(report: Report, tenure: AbortSignal): Promise<void> {
    this.#noteTold(report, await publish(this.#ports(), report), tenure);
  }

  #noteTold(report: Report, published: Published, tenure: AbortSignal): void {
    if (!('error' in published)) {
      this.#untold = undefined;
      this.#told = this.#words(report);
      this.#succeed('status');
      return;
    }
    this.#untold = report;
    this.#fail('status', published.error, 'Could not write the status branch');
    this.#bell.ringAfter(remainingMs(this.#backoff, 'status', this.#duty.time.now()), 'tell', tenure);
  }

  #retry(cause: Cause, tenure: AbortSignal): void {
    const { time, random } = this.#duty;
    this.#backoff = afterFailure(this.#backoff, cause, { now: time.now(), random: random() });
    this.#bell.ringAfter(remainingMs(this.#backoff, cause, time.now()), 'retry', tenure);
  }

  #fail(cause: Cause, { code, message: why, hint }: ReconcilerError, what: string): void {
    const { time, random, metrics, log } = this.#duty;
    this.#backoff = afterFailure(this.#backoff, cause, { now: time.now(), random: random() });
    metrics.observeError(code);
    const retryMs = Math.round(remainingMs(this.#backoff, cause, time.now()));
    log.warn({ code, why, ...(hint === undefined ? {} : { hint }), retryMs }, what);
  }

  #succeed(cause: Cause): void {
    this.#backoff = afterSuccess(this.#backoff, cause);
  }
}
