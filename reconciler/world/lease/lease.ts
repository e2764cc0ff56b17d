import { randomUUID } from 'node:crypto';
import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { claim, type Election, pauseMs, pollMs, trustedMs } from './election.ts';
import { LeaseForbiddenError, LeaseHeldError, LeaseLostError } from './errors.ts';
import { claimed, printableHolder, readRecord, unclaimed } from './lease-record.ts';
import { LeaseStore } from './lease-store.ts';
import { Rival } from './rival.ts';
import { STEADY_TIME, type SteadyTime } from '../steady-time.ts';
import { stopDeadline } from '../stop-deadline.ts';
import { Tenure } from './tenure.ts';

export interface LeaseOptions {
  readonly namespace: string;
  readonly name: string;
  /** Who we are, for people: a pod's name. What is written is this and a random part, since no two may be the same. */
  readonly identity: string;
  /** How long others wait at least for a holder that is not heard of. */
  readonly durationMs?: number;
  readonly renewMs?: number;
  /** For the times in the record, which people read and nothing goes by. */
  readonly clock: Clock;
  readonly time?: SteadyTime;
  readonly random?: () => number;
  readonly log: Log;
}

/** What a write has to ask before it is sent. */
export interface Fence {
  /** Throws a LeaseLostError unless the lease is held at this moment. */
  assertHeld(): void;
}

/** Patience of one write that gives the lease back, and how often it is tried. */
const RELEASE_WITHIN = { timeoutMs: 2000 };
const RELEASE_TRIES = 3;

/**
 * Leader election by a Lease object, in the manner of client-go save that it fences. A holder trusts its lease for two
 * thirds of its duration from when it *began* to renew it. A contender takes it only after it has itself seen it
 * unchanged for four thirds. Neither looks at the wall clock, so a clock that jumps, or differs between machines,
 * changes nothing, and a process that was stopped and wakes up late finds `isHeld()` false.
 */
export class Lease implements Fence {
  readonly #election: Election;
  readonly #rival = new Rival();
  readonly #listeners = new Set<(error: LeaseLostError) => void>();
  #tenure: Tenure | undefined;
  #lost: LeaseLostError | undefined;

  constructor(api: KubeApi, options: LeaseOptions) {
    const { namespace, name, durationMs = 15_000, renewMs = 5_000 } = options;
    if (renewMs >= trustedMs(durationMs)) throw new Error('A lease has to be renewed before it runs out.');
    this.#election = {
      id: `${namespace}/${name}`,
      identity: `${options.identity}_${randomUUID().slice(0, 8)}`,
      store: new LeaseStore(api, namespace, name),
      durationMs,
      renewMs,
      clock: options.clock,
      time: options.time ?? STEADY_TIME,
      random: options.random ?? Math.random,
      log: options.log,
    };
  }

  /** `namespace/name`. */
  get id(): string {
    return this.#election.id;
  }

  /** As it stands in the record while the lease is ours. */
  get identity(): string {
    return this.#election.identity;
  }

  /** Grows with every holder; 0 while the lease is not held. */
  get term(): number {
    return this.isHeld() ? (this.#tenure?.term ?? 0) : 0;
  }

  /** Who else held it when it was last looked at, printable; for telling what `acquire` waits for. */
  get rival(): string | undefined {
    const { holder } = this.#rival;
    return holder === undefined ? undefined : printableHolder(holder);
  }

  isHeld(): boolean {
    return this.#tenure?.isHeld() ?? false;
  }

  assertHeld(): void {
    if (!this.isHeld()) throw this.#lost ?? new LeaseLostError(this.id, 'it was not taken yet');
  }

  /** Calls `listener` whenever the lease is lost, which `release` is not. Returns what takes it away again. */
  onLost(listener: (error: LeaseLostError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Waits until the lease is held, however long another one has it or the API server is away. May be called again
   * after a loss. Throws what a person has to mend, and the reason of `signal`.
   */
  async acquire(signal: AbortSignal): Promise<void> {
    await this.#acquire(signal, false);
  }

  /**
   * As `acquire`, for one who does not stay: waits no longer than it takes to see whether a holder is alive, and throws a
   * LeaseHeldError if it is.
   */
  async acquireUnlessHeld(signal: AbortSignal): Promise<void> {
    await this.#acquire(signal, true);
  }

  async #acquire(signal: AbortSignal, isImpatient: boolean): Promise<void> {
    const { time } = this.#election;
    const told = new Set<string>();
    let conflicts = 0;
    let failures = 0;
    while (!this.isHeld()) {
      signal.throwIfAborted();
      let waitMs: number;
      try {
        waitMs = await this.#contend(signal, told);
        if (isImpatient && this.#rival.isAlive)
          throw new LeaseHeldError(this.id, this.rival ?? 'Another instance');
        conflicts = 0;
        failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ReconcilerError) || error instanceof LeaseHeldError) throw error;
        conflicts = error.code === 'API_CONFLICT' ? conflicts + 1 : 0;
        failures = conflicts > 0 ? 1 : failures + 1;
        if (conflicts === 0) this.#judge(error, told);
        // Somebody was faster: who it was is looked up at once, but not again and again.
        waitMs = conflicts === 1 ? 0 : pauseMs(this.#election, error, failures);
      }
      if (waitMs > 0) await time.sleep(waitMs, signal);
    }
  }

  /**
   * Gives the lease up, so that the next one need not wait. Only once the last write has ended. Where the API server
   * does not take it, the lease runs out by itself.
   */
  async release(): Promise<void> {
    if (!this.isHeld() || this.#tenure === undefined) return;
    const { id, store, clock, log } = this.#election;
    const tenure = this.#tenure;
    this.#tenure = undefined;
    this.#lost = new LeaseLostError(id, 'it was given back');
    let lease = await tenure.end();
    for (let tries = 1; ; tries++) {
      try {
        await store.replace(unclaimed(lease, clock.now()), RELEASE_WITHIN);
        log.info({ lease: id }, 'Released the lease');
        return;
      } catch (error) {
        if (!(error instanceof ReconcilerError)) throw error;
        const { code, message: why } = error;
        // A renewal that was under way came first.
        const now = code === 'API_CONFLICT' && tries < RELEASE_TRIES ? await this.#stillOurs() : undefined;
        if (now === undefined) {
          log.warn({ lease: id, code, why }, 'Could not release the lease');
          return;
        }
        lease = now;
      }
    }
  }

  async #stillOurs(): Promise<KubeObject | undefined> {
    const { store, identity } = this.#election;
    try {
      const found = await store.read(RELEASE_WITHIN);
      return found !== undefined && readRecord(found).holder === identity ? found : undefined;
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      return undefined;
    }
  }

  /** One look at the lease, which is taken where it is free. Returns how long to wait for the next look. */
  async #contend(signal: AbortSignal, told: Set<string>): Promise<number> {
    const { store, time, durationMs, identity } = this.#election;
    const found = await store.read({ timeoutMs: trustedMs(durationMs), signal });
    const seen = found === undefined ? undefined : readRecord(found);
    // What was ours once is free for us: nobody else ever writes this identity.
    const isOurs = seen?.holder === identity;
    const isFresh = found === undefined && !this.#rival.isAwaited && !(await this.#hasHome(signal));
    const now = time.now();
    this.#rival.observe(isOurs ? { ...seen, holder: undefined } : seen, { durationMs, now, isFresh });
    const remainingMs = this.#rival.remainingMs(time.now());
    if (remainingMs > 0) {
      this.#tellRival(told);
      return Math.min(remainingMs, pollMs(this.#election));
    }
    await this.#take(found, signal);
    if (signal.aborted) await this.release();
    return 0;
  }

  /** Whether the lease's namespace exists. Where that is missing there never was a lease whose holder goes on. */
  async #hasHome(signal: AbortSignal): Promise<boolean> {
    const { store, durationMs } = this.#election;
    return await store.hasNamespace({ timeoutMs: trustedMs(durationMs), signal });
  }

  async #take(found: KubeObject | undefined, signal: AbortSignal): Promise<void> {
    const { id, identity, store, durationMs, clock, time, log } = this.#election;
    const term = this.#rival.nextTerm;
    const acquiredAt = clock.now();
    const startedAt = time.now();
    const wanted = claimed(found ?? store.blank(), claim(this.#election, term, acquiredAt));
    // Not given up at once: whoever is told to stop gives back what it got, as long as there is time for that.
    using last = stopDeadline(signal, time);
    const patience = { timeoutMs: trustedMs(durationMs), signal: last.signal };
    const lease =
      found === undefined ? await store.create(wanted, patience) : await store.replace(wanted, patience);
    log.info({ lease: id, identity, term }, 'Acquired the lease');
    const onLost = (why: string) => this.#lose(term, why);
    this.#tenure = new Tenure(this.#election, { lease, term, acquiredAt, startedAt, onLost });
  }

  #lose(term: number, why: string): void {
    const { id, log } = this.#election;
    const error = new LeaseLostError(id, why);
    this.#lost = error;
    log.warn({ lease: id, term, why }, 'Lost the lease');
    for (const listener of this.#listeners) queueMicrotask(() => listener(error));
  }

  /** Throws what waiting does not mend, and tells of the rest. */
  #judge(error: ReconcilerError, told: Set<string>): void {
    const { code, message: why } = error;
    if (code === 'API_FORBIDDEN') throw forbidden(this.id, error);
    if (error.retry === 'after-change') throw error;
    if (told.has(code)) return;
    told.add(code);
    this.#election.log.warn({ lease: this.id, code, why }, 'Could not look at the lease');
  }

  #tellRival(told: Set<string>): void {
    const holder = this.rival ?? '';
    if (told.has(holder)) return;
    told.add(holder);
    const { id, log } = this.#election;
    if (holder !== '') log.info({ lease: id, holder }, 'Waiting for the lease');
    else log.info({ lease: id }, 'There is no lease; waiting for whoever may have had it');
  }
}

const RULE =
  '{apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"]}';

function forbidden(id: string, cause: ReconcilerError): LeaseForbiddenError {
  const [namespace] = id.split('/');
  return new LeaseForbiddenError(`The lease ${id} cannot be had: ${cause.message}`, {
    hint: cause.message.includes('create namespaces')
      ? `Create the namespace ${namespace}.`
      : `Bind the account to a Role in namespace ${namespace} with the rule ${RULE}.`,
    cause,
  });
}

/**
 * The lease `namespace/name`, not asked for yet. `api` should serve nothing else: a renewal must not queue behind the
 * writes of a pass.
 */
export function openLease(api: KubeApi, options: LeaseOptions): Lease {
  return new Lease(api, options);
}
