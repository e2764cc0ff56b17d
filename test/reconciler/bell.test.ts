import { describe, expect, it } from 'vitest';
import { Bell } from '../../reconciler/bell.ts';
import type { SteadyTime } from '../../reconciler/world/lease/steady-time.ts';

/** Time that stands still until it is moved. */
class StillTime implements SteadyTime {
  #now = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      if (ms <= 0) this.#wake();
    });
  }

  async pass(ms: number): Promise<void> {
    // What was set in motion before gets to sleep first.
    await new Promise((resolve) => setImmediate(resolve));
    this.#now += ms;
    this.#wake();
    await new Promise((resolve) => setImmediate(resolve));
  }

  #wake(): void {
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}

describe('a bell', () => {
  const forever = new AbortController().signal;

  it('gives all reasons that came while it was quiet, at once', async () => {
    const time = new StillTime();
    const bell = new Bell<'a' | 'b'>(time);
    const heard = bell.next(100, forever);
    bell.ring('a');
    await time.pass(50);
    bell.ring('b');
    bell.ring('a');
    await time.pass(50);
    expect([...(await heard)]).toEqual(['a', 'b']);
  });

  it('keeps what rings while nobody listens', async () => {
    const time = new StillTime();
    const bell = new Bell<'a'>(time);
    bell.ring('a');
    const heard = bell.next(100, forever);
    await time.pass(100);
    expect([...(await heard)]).toEqual(['a']);
  });

  it('rings later, unless it is called off', async () => {
    const time = new StillTime();
    const bell = new Bell<'a' | 'b'>(time);
    const off = new AbortController();
    bell.ringAfter(1000, 'a', off.signal);
    bell.ringAfter(2000, 'b', forever);
    off.abort(new Error('called off'));
    const heard = bell.next(0, forever);
    await time.pass(2000);
    await time.pass(0);
    expect([...(await heard)]).toEqual(['b']);
  });

  it('gives up waiting when it is told to', async () => {
    const bell = new Bell<'a'>(new StillTime());
    const stop = new AbortController();
    const heard = bell.next(100, stop.signal);
    stop.abort(new Error('stop'));
    await expect(heard).rejects.toThrow('stop');
    await expect(bell.next(100, stop.signal)).rejects.toThrow('stop');
  });
});
