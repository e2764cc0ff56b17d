import type { SteadyTime } from '../../../../reconciler/world/steady-time.ts';
import { until } from '../../../cluster/until.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only when a test says so. */
export class ManualTime implements SteadyTime {
  readonly #sleepers = new Set<Sleeper>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const giveUp = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      };
      const wake = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const sleeper = { at: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** How long until the next sleeper wakes; Infinity where nobody sleeps. */
  get untilNext(): number {
    return Math.max(0, Math.min(...[...this.#sleepers].map(({ at }) => at)) - this.#now);
  }

  /** Lets time pass to where the next sleeper wakes, and returns how much that was. */
  passToNext(): number {
    const ms = this.untilNext;
    this.pass(ms);
    return ms;
  }

  /** Waits until so many sleep at once: what they were woken for is done. */
  async asleep(count: number): Promise<void> {
    await until(`${count} asleep`, () => this.#sleepers.size >= count, { everyMs: 2 });
  }
}
