import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { oneOf } from './lock.ts';

describe('oneOf', () => {
  it('gives each lock to one holder, and the next that is let go of to one of those who wait', async () => {
    const names = [randomUUID(), randomUUID()];
    const first = await oneOf(names);
    const second = await oneOf(names);
    const got: string[] = [];
    const waits: string[] = [];
    const third = oneOf(names, () => void waits.push('third')).then((letGo) => {
      got.push('third');
      return letGo;
    });
    const fourth = oneOf(names, () => void waits.push('fourth')).then((letGo) => {
      got.push('fourth');
      return letGo;
    });
    await expect.poll(() => waits).toHaveLength(2);
    expect(got).toEqual([]);
    second();
    const letGo = await Promise.race([third, fourth]);
    expect(got).toHaveLength(1);
    first();
    for (const each of [await third, await fourth]) each();
    letGo();
    // Nobody holds any of them now.
    for (const name of names) (await oneOf([name]))();
  });
});
