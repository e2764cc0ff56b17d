import type { SteadyTime } from './world/lease/steady-time.ts';

/** Collects reasons for a pass until one takes them, so that a burst of events makes one pass and not many. */
export class Bell<Reason extends string> {
  readonly #time: SteadyTime;
  readonly #rung = new Set<Reason>();
  #waiting: (() => void) | undefined;

  constructor(time: SteadyTime) {
    this.#time = time;
  }

  ring(reason: Reason): void {
    this.#rung.add(reason);
    this.#waiting?.();
  }

  /** Rings once `ms` have gone by, unless `signal` is aborted before. */
  ringAfter(ms: number, reason: Reason, signal: AbortSignal): void {
    this.#time.sleep(ms, signal).then(
      () => this.ring(reason),
      () => undefined,
    );
  }

  /** Waits for a first ring and then `quietMs` for others; gives all reasons since the last call. Rejects once aborted. */
  async next(quietMs: number, signal: AbortSignal): Promise<ReadonlySet<Reason>> {
    signal.throwIfAborted();
    if (this.#rung.size === 0) await this.#first(signal);
    await this.#time.sleep(quietMs, signal);
    const reasons = new Set(this.#rung);
    this.#rung.clear();
    return reasons;
  }

  #first(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => () => {
        this.#waiting = undefined;
        signal.removeEventListener('abort', onAbort);
        end();
      };
      const onAbort = settle(() => reject(signal.reason as Error));
      this.#waiting = settle(resolve);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}
