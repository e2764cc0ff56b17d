import { describe, expect, it } from 'vitest';
import { Bell } from '../../reconciler/bell.ts';
import type { SteadyTime } from '../../reconciler/world/steady-time.ts';

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
  const patient = { of: ['edit'] as const, quietMs: 100 };
  const aBell = (time: SteadyTime) => new Bell<'edit' | 'push'>(time, patient);

  it('gives all that belongs together at once, when it was quiet for a while', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const heard = bell.next(forever);
    bell.ring('edit');
    await time.pass(50);
    bell.ring('edit');
    await time.pass(50);
    expect([...(await heard)]).toEqual(['edit']);
  });

  it('does not wait with what nothing is expected to follow', async () => {
    const bell = aBell(new StillTime());
    const heard = bell.next(forever);
    bell.ring('push');
    expect([...(await heard)]).toEqual(['push']);
  });

  it('goes at once when something urgent comes while it waits for more', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const heard = bell.next(forever);
    bell.ring('edit');
    await time.pass(50);
    bell.ring('push');
    expect([...(await heard)]).toEqual(['edit', 'push']);
  });

  it('goes at once with something urgent that was rung before', async () => {
    const bell = aBell(new StillTime());
    bell.ring('edit');
    bell.ring('push');
    expect([...(await bell.next(forever))]).toEqual(['edit', 'push']);
  });

  it('keeps what rings while nobody listens', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    bell.ring('edit');
    const heard = bell.next(forever);
    await time.pass(100);
    expect([...(await heard)]).toEqual(['edit']);
  });

  it('rings later, unless it is called off', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const off = new AbortController();
    bell.ringAfter(1000, 'edit', off.signal);
    bell.ringAfter(2000, 'push', forever);
    off.abort(new Error('called off'));
    const heard = bell.next(forever);
    await time.pass(2000);
    expect([...(await heard)]).toEqual(['push']);
  });

  it('gives up waiting when it is told to', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const stop = new AbortController();
    const heard = bell.next(stop.signal);
    bell.ring('edit');
    stop.abort(new Error('stop'));
    await expect(heard).rejects.toThrow('stop');
    await expect(bell.next(stop.signal)).rejects.toThrow('stop');
    await expect(aBell(time).next(stop.signal)).rejects.toThrow('stop');
  });
});
