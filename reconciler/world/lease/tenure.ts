import type { KubeObject } from '../../core/kube/object.ts';
import { ReconcilerError } from '../../errors.ts';
import { claim, type Election, pauseMs, trustedMs } from './election.ts';
import { claimed, printableHolder, readRecord } from './lease-record.ts';

export interface TenureStart {
  /** As written when it was taken. */
  readonly lease: KubeObject;
  readonly term: number;
  readonly acquiredAt: Date;
  /** Steady time when that write began. */
  readonly startedAt: number;
  /** Told why the lease is lost, at most once. */
  readonly onLost: (why: string) => void;
}

/** The time for which one instance holds a lease: renews it, and notices when it may not rely on it any more. */
export class Tenure {
  readonly term: number;
  readonly #election: Election;
  readonly #acquiredAt: Date;
  readonly #onLost: (why: string) => void;
  readonly #over = new AbortController();
  readonly #work: Promise<unknown>;
  /** As last written; its version is what the next renewal replaces. */
  #lease: KubeObject;
  /** By steady time. */
  #trustedUntil: number;

  constructor(election: Election, { lease, term, acquiredAt, startedAt, onLost }: TenureStart) {
    this.term = term;
    this.#election = election;
    this.#acquiredAt = acquiredAt;
    this.#onLost = onLost;
    this.#lease = lease;
    this.#trustedUntil = startedAt + trustedMs(election.durationMs);
    this.#work = Promise.all([this.#renew(), this.#expire()]);
  }

  isHeld(): boolean {
    if (this.#over.signal.aborted) return false;
    if (this.#leftMs() > 0) return true;
    // Found out here first where the process was stopped, or too busy for its timers.
    this.#lose('it could not be renewed in time');
    return false;
  }

  /** Holds it no longer. Returns the lease as last written, once nothing more is under way. */
  async end(): Promise<KubeObject> {
    this.#over.abort();
    await this.#work;
    return this.#lease;
  }

  #leftMs(): number {
    return this.#trustedUntil - this.#election.time.now();
  }

  #lose(why: string): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#onLost(why);
  }

  /** Renews the lease until the tenure is over. What fails is tried again for as long as the last renewal lasts. */
  async #renew(): Promise<void> {
    const { id, renewMs, log } = this.#election;
    let isFailing = false;
    let waitMs = renewMs;
    while (await this.#slept(waitMs)) {
      if (!this.isHeld()) return;
      try {
        await this.#renewOnce();
        if (isFailing) log.info({ lease: id }, 'Renewed the lease again');
        isFailing = false;
        waitMs = renewMs;
      } catch (error) {
        if (this.#over.signal.aborted) return;
        if (!(error instanceof ReconcilerError)) throw error;
        const { code, message: why } = error;
        const isConflict = code === 'API_CONFLICT';
        waitMs = isConflict && (await this.#caughtUp()) ? 0 : pauseMs(this.#election, error);
        if (isConflict || isFailing) continue;
        log.warn({ lease: id, code, why }, 'Could not renew the lease');
        isFailing = true;
      }
    }
  }

  async #renewOnce(): Promise<void> {
    const { store, time, durationMs } = this.#election;
    const startedAt = time.now();
    const renewed = claimed(this.#lease, claim(this.#election, this.term, this.#acquiredAt));
    this.#lease = await store.replace(renewed, this.#patience());
    // What ran out while the answer was on its way stays lost.
    if (this.isHeld()) this.#trustedUntil = startedAt + trustedMs(durationMs);
  }

  /** After a conflict: with another one in the record all is lost; any other change is taken over. */
  async #caughtUp(): Promise<boolean> {
    const { store, identity } = this.#election;
    let found: KubeObject | undefined;
    try {
      found = await store.read(this.#patience());
    } catch (error) {
      if (error instanceof ReconcilerError || this.#over.signal.aborted) return false;
      throw error;
    }
    if (found === undefined) {
      this.#lose('it was deleted');
      return false;
    }
    const { holder } = readRecord(found);
    if (holder !== identity) {
      this.#lose(holder === undefined ? 'it was taken from us' : `${printableHolder(holder)} has it`);
      return false;
    }
    this.#lease = found;
    return true;
  }

  /** Half of what is left, so that one connection that hangs leaves time for another one. */
  #patience(): { readonly timeoutMs: number; readonly signal: AbortSignal } {
    return { timeoutMs: Math.max(1, this.#leftMs() / 2), signal: this.#over.signal };
  }

  /** Notices that the lease has run out, whatever a renewal is waiting for. */
  async #expire(): Promise<void> {
    while (this.isHeld() && (await this.#slept(this.#leftMs())));
  }

  /** False where the tenure was over before the time was. */
  async #slept(ms: number): Promise<boolean> {
    const { signal } = this.#over;
    try {
      await this.#election.time.sleep(ms, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }
}
