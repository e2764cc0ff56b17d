import { describe, expect, it } from 'vitest';
import { Bell } from '../../../reconciler/unattended/bell.ts';
import type { SteadyTime } from '../../../reconciler/world/steady-time.ts';

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
  const patient = { of: ['edit'] as const, gatherMs: 100 };
  const aBell = (time: SteadyTime, signal = forever) => new Bell<'edit' | 'push'>(time, signal, patient);

  it('gives all that comes within a while of the first at once', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const heard = bell.next();
    bell.ring('edit');
    await time.pass(50);
    bell.ring('edit');
    await time.pass(50);
    expect([...(await heard)]).toEqual(['edit']);
  });

  it('does not wait with what nothing is expected to follow', async () => {
    const bell = aBell(new StillTime());
    const heard = bell.next();
    bell.ring('push');
    expect([...(await heard)]).toEqual(['push']);
  });

  it('goes at once when something urgent comes while it waits for more', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const heard = bell.next();
    bell.ring('edit');
    await time.pass(50);
    bell.ring('push');
    expect([...(await heard)]).toEqual(['edit', 'push']);
  });

  it('goes at once with something urgent that was rung before', async () => {
    const bell = aBell(new StillTime());
    bell.ring('edit');
    bell.ring('push');
    expect([...(await bell.next())]).toEqual(['edit', 'push']);
  });

  it('keeps what rings while nobody listens', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    bell.ring('edit');
    const heard = bell.next();
    await time.pass(100);
    expect([...(await heard)]).toEqual(['edit']);
  });

  it('rings later, once for each reason: at the time that was set last', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    for (let set = 0; set < 50; set++) bell.ringAfter(1000 + set, 'push');
    let rings = 0;
    const listen = async () => {
      for (;;) {
        await bell.next();
        rings += 1;
      }
    };
    listen().catch(() => undefined);
    await time.pass(1048);
    expect(rings).toBe(0);
    await time.pass(1);
    expect(rings).toBe(1);
    await time.pass(10_000);
    expect(rings).toBe(1);
  });

  it('does not ring later for what has rung since', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    bell.ringAfter(1000, 'push');
    bell.ring('push');
    await bell.next();
    const later = bell.next();
    await time.pass(1000);
    bell.ring('edit');
    await time.pass(100);
    expect([...(await later)]).toEqual(['edit']);
  });

  it('keeps to the earlier of two times where it is to ring within a while', async () => {
    const time = new StillTime();
    const bell = aBell(time);
    const heard = bell.next();
    bell.ringWithin(1000, 'push');
    await time.pass(600);
    bell.ringWithin(1000, 'push');
    await time.pass(400);
    expect([...(await heard)]).toEqual(['push']);
  });

  it('does not ring at a time that is called off, or once it is at its end', async () => {
    const time = new StillTime();
    const end = new AbortController();
    const bell = aBell(time, end.signal);
    bell.ringAfter(1000, 'push');
    bell.cancel('push');
    bell.ringAfter(2000, 'edit');
    let heard: unknown;
    bell.next().then(
      (reasons) => (heard = reasons),
      (error: unknown) => (heard = error),
    );
    await time.pass(1000);
    end.abort(new Error('the end'));
    await time.pass(2000);
    expect(heard).toEqual(new Error('the end'));
  });

  it('gives up waiting when it is told to', async () => {
    const time = new StillTime();
    const stop = new AbortController();
    const bell = aBell(time, stop.signal);
    const heard = bell.next();
    bell.ring('edit');
    stop.abort(new Error('stop'));
    await expect(heard).rejects.toThrow('stop');
    await expect(bell.next()).rejects.toThrow('stop');
  });
});
