/** Waits that can be ended before their time. Nothing of them is left after close(). */
export class Pause {
  readonly #open = new Set<() => void>();
  #isClosed = false;
  #end: (() => void) | undefined;

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
    if (this.#isClosed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timeout = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    this.#open.add(resolve);
    try {
      await Promise.race([event, promise]);
    } finally {
      clearTimeout(timeout);
      this.#open.delete(resolve);
    }
  }

  /** Ends every wait, those to come too. */
  close(): void {
    this.#isClosed = true;
    for (const resolve of this.#open) resolve();
  }
}
