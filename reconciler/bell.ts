import type { SteadyTime } from './world/steady-time.ts';

/** Reasons that seldom come alone, and how long it has to be quiet before they are taken. */
export interface Patience<Reason extends string> {
  readonly of: readonly Reason[];
  readonly quietMs: number;
}

/** Collects reasons for a pass until one takes them, so that a burst of events makes one pass and not many. */
export class Bell<Reason extends string> {
  readonly #time: SteadyTime;
  readonly #patient: ReadonlySet<Reason>;
  readonly #quietMs: number;
  readonly #rung = new Set<Reason>();
  #wake: (() => void) | undefined;

  constructor(time: SteadyTime, { of, quietMs }: Patience<Reason>) {
    this.#time = time;
    this.#patient = new Set(of);
    this.#quietMs = quietMs;
  }

  ring(reason: Reason): void {
    this.#rung.add(reason);
    this.#wake?.();
  }

  /** Rings once `ms` have gone by, unless `signal` is aborted before. */
  ringAfter(ms: number, reason: Reason, signal: AbortSignal): void {
    this.#time.sleep(ms, signal).then(
      () => this.ring(reason),
      () => undefined,
    );
  }

  /**
   * Waits for a ring, and where all that rang are patient, for what may follow; gives all reasons since the last call.
   * Rejects once aborted.
   */
  async next(signal: AbortSignal): Promise<ReadonlySet<Reason>> {
    signal.throwIfAborted();
    if (this.#rung.size === 0) await this.#woken(signal);
    if (this.#isPatient()) await this.#quietOrUrgent(signal);
    const reasons = new Set(this.#rung);
    this.#rung.clear();
    return reasons;
  }

  #isPatient(): boolean {
    return [...this.#rung].every((reason) => this.#patient.has(reason));
  }

  async #quietOrUrgent(signal: AbortSignal): Promise<void> {
    let isQuiet = false;
    const urgent = new AbortController();
    this.#time.sleep(this.#quietMs, AbortSignal.any([signal, urgent.signal])).then(
      () => {
        isQuiet = true;
        this.#wake?.();
      },
      () => undefined,
    );
    while (!isQuiet && this.#isPatient()) await this.#woken(signal);
    urgent.abort();
  }

  #woken(signal: AbortSignal): Promise<void> {
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
