import type { WatchTime } from './watch-time.ts';

/** Waits that can be ended before their time. Nothing of them is left after close(). */
export class Pause {
  readonly #time: WatchTime;
  readonly #closing = new AbortController();
  #end: (() => void) | undefined;

  constructor(time: WatchTime) {
    this.#time = time;
  }

  /** Waits so long, or until `end`; for ever where it is Infinity. */
  async wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#end = resolve;
    await this.until(promise, ms);
    this.#end = undefined;
  }

  /** Ends the wait under way. */
  end(): void {
    this.#end?.();
  }

  /** Resolves with `event`, after so many milliseconds, or on close(): whatever comes first. */
  async until(event: Promise<void>, ms: number): Promise<void> {
    const { signal: closing } = this.#closing;
    if (closing.aborted) return;
    const over = new AbortController();
    const signal = AbortSignal.any([closing, over.signal]);
    try {
      await Promise.race([event, Number.isFinite(ms) ? this.#slept(ms, signal) : aborted(signal)]);
    } finally {
      over.abort();
    }
  }

  /** Ends every wait, those to come too. */
  close(): void {
    this.#closing.abort();
  }

  async #slept(ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#time.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
