import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Slots } from '../../../../reconciler/world/kubeapi/slots.ts';

/** The same numbers each time for one seed. */
function randomly(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Goes on so many microtasks later. */
async function hops(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve();
}

describe('work that waits for its turn', () => {
  it('is done in order, and no more at once than there are slots', async () => {
    const slots = new Slots(2);
    const begun: number[] = [];
    let underway = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        slots.run(async () => {
          begun.push(n);
          most = Math.max(most, ++underway);
          await turn();
          underway -= 1;
        }),
      ),
    );
    expect(begun).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(most).toBe(2);
  });

  it('is given up at once, and takes nobody’s turn', async () => {
    const slots = new Slots(1);
    const giveUp = new AbortController();
    const hold = Promise.withResolvers<void>();
    const first = slots.run(() => hold.promise);
    const second = slots.run(() => Promise.resolve('second'), giveUp.signal);
    const third = slots.run(() => Promise.resolve('third'));
    giveUp.abort(new Error('Given up.'));
    await expect(second).rejects.toThrow('Given up.');
    hold.resolve();
    await first;
    expect(await third).toBe('third');
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'is not lost where one before it is given up %i moments after its turn has come',
    async (moments) => {
      const slots = new Slots(1);
      const giveUp = new AbortController();
      const hold = Promise.withResolvers<void>();
      const done: string[] = [];
      const first = slots.run(() => hold.promise);
      const second = slots
        .run(async () => void done.push('second'), giveUp.signal)
        .catch(() => void done.push('given up'));
      const third = slots.run(async () => void done.push('third'));
      hold.resolve();
      await hops(moments);
      giveUp.abort(new Error('Given up.'));
      await turn();
      expect(done).toHaveLength(2);
      expect(done).toContain('third');
      await Promise.all([first, second, third]);
    },
  );

  it.each([1, 2, 3, 4])('is done or given up, however the two fall together (seed %i)', async (seed) => {
    const random = randomly(seed);
    const slots = new Slots(3);
    let underway = 0;
    let most = 0;
    const one = async (): Promise<'done' | 'given up'> => {
      const giveUp = new AbortController();
      const work = slots.run(async () => {
        most = Math.max(most, ++underway);
        await hops(Math.floor(random() * 6));
        underway -= 1;
        return 'done' as const;
      }, giveUp.signal);
      const isHasty = random() < 0.5;
      if (isHasty) void hops(Math.floor(random() * 40)).then(() => giveUp.abort(new Error('Given up.')));
      return await work.catch(() => 'given up' as const);
    };
    const ends = await Promise.all(Array.from({ length: 300 }, one));
    expect(new Set(ends)).toEqual(new Set(['done', 'given up']));
    expect(most).toBe(3);
    // Every slot was given back.
    const again = await Promise.all([1, 2, 3].map(() => slots.run(() => Promise.resolve('free'))));
    expect(again).toEqual(['free', 'free', 'free']);
  });
});
