import type { SteadyTime } from '../world/steady-time.ts';

/** Reasons that seldom come alone, and how long after the first of them they are taken. */
export interface Patience<Reason extends string> {
  readonly of: readonly Reason[];
  readonly gatherMs: number;
}

interface Deadline {
  readonly at: number;
  readonly off: AbortController;
}

/**
 * Collects reasons to do something until one takes them, so that a burst of events makes one turn and not many. It rings
 * until `signal` is aborted.
 */
export class Bell<Reason extends string> {
  readonly #time: SteadyTime;
  readonly #signal: AbortSignal;
  readonly #patient: ReadonlySet<Reason>;
  readonly #gatherMs: number;
  readonly #rung = new Set<Reason>();
  readonly #deadlines = new Map<Reason, Deadline>();
  #wake: (() => void) | undefined;

  constructor(time: SteadyTime, signal: AbortSignal, patience?: Patience<Reason>) {
    this.#time = time;
    this.#signal = signal;
    this.#patient = new Set(patience?.of);
    this.#gatherMs = patience?.gatherMs ?? 0;
  }

  /** Rings now, and not again at a time that was set for the same reason. */
  ring(reason: Reason): void {
    this.cancel(reason);
    this.#rung.add(reason);
    this.#wake?.();
  }

  /** Rings once `ms` have gone by. There is one such time for each reason: a later call takes the place of an earlier one. */
  ringAfter(ms: number, reason: Reason): void {
    this.cancel(reason);
    const off = new AbortController();
    const deadline = { at: this.#time.now() + ms, off };
    this.#deadlines.set(reason, deadline);
    this.#time.sleep(ms, AbortSignal.any([this.#signal, off.signal])).then(
      () => {
        if (this.#deadlines.get(reason) === deadline) this.ring(reason);
      },
      () => undefined,
    );
  }

  /** Rings once `ms` have gone by, unless it rings for that reason before. */
  ringWithin(ms: number, reason: Reason): void {
    const set = this.#deadlines.get(reason);
    if (set === undefined || set.at > this.#time.now() + ms) this.ringAfter(ms, reason);
  }

  /** Forgets the time that was set for a reason. */
  cancel(reason: Reason): void {
    this.#deadlines.get(reason)?.off.abort();
    this.#deadlines.delete(reason);
  }

  /**
   * Waits for a ring, and where all that rang are patient, for what may follow; gives all reasons since the last call.
   * Rejects once aborted.
   */
  async next(): Promise<ReadonlySet<Reason>> {
    this.#signal.throwIfAborted();
    if (this.#rung.size === 0) await this.#woken();
    if (this.#isPatient()) await this.#gatheredOrUrgent();
    const reasons = new Set(this.#rung);
    this.#rung.clear();
    return reasons;
  }

  #isPatient(): boolean {
    return this.#gatherMs > 0 && [...this.#rung].every((reason) => this.#patient.has(reason));
  }

  async #gatheredOrUrgent(): Promise<void> {
    let isOver = false;
    const urgent = new AbortController();
    this.#time.sleep(this.#gatherMs, AbortSignal.any([this.#signal, urgent.signal])).then(
      () => {
        isOver = true;
        this.#wake?.();
      },
      () => undefined,
    );
    while (!isOver && this.#isPatient()) await this.#woken();
    urgent.abort();
  }

  #woken(): Promise<void> {
    const signal = this.#signal;
    // It may have been aborted since it was looked at.
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => () => {
        this.#wake = undefined;
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const onAbort = settle(() => reject(signal.reason as Error));
      this.#wake = settle(resolve);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
