import type { Time } from '../time.ts';

/** Wakes who waits, whether it was called before or while it waits. Calls that nobody waited for count as one. */
export class Wake {
  #isCalled = false;
  #end: AbortController | undefined;

  call(): void {
    this.#isCalled = true;
    this.#end?.abort();
  }

  /** Resolves when it is called, after `ms`, or when `signal` is aborted. */
  async wait(time: Time, ms: number, signal: AbortSignal): Promise<void> {
    const end = (this.#end = new AbortController());
    if (!this.#isCalled) await time.sleep(ms, AbortSignal.any([signal, end.signal]));
    this.#isCalled = false;
    this.#end = undefined;
  }
}
