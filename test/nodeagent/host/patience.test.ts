import { describe, expect, it } from 'vitest';
import { Patience } from '../../../nodeagent/host/patience.ts';
import type { Reading } from '../../../nodeagent/observe/reading.ts';

/** Something that answers only when it is told to. */
function slow() {
  const { promise, resolve } = Promise.withResolvers<Reading<string>>();
  let asked = 0;
  const work = async (): Promise<Reading<string>> => {
    asked += 1;
    return await promise;
  };
  return { work, answer: () => resolve({ state: 'read', value: 'late' }), asked: () => asked };
}

const quick = async (): Promise<Reading<string>> => ({ state: 'read', value: 'ok' });

describe('Patience', () => {
  it('waits for what answers in time', async () => {
    const patience = new Patience(60_000);
    expect(await patience.wait('/a', quick)).toEqual({ state: 'read', value: 'ok' });
    expect(patience.late).toEqual([]);
  });

  it('gives up what does not, goes on with the others, and does not ask again before it has answered', async () => {
    const patience = new Patience(5);
    const hung = slow();
    expect(await patience.wait('/hung', hung.work)).toEqual({
      state: 'failed',
      reason: '/hung did not answer within 0.005 s.',
    });
    expect(patience.late).toEqual(['/hung']);
    expect(await patience.wait('/other', quick)).toMatchObject({ state: 'read' });
    expect(await patience.wait('/hung', hung.work)).toEqual({
      state: 'failed',
      reason: '/hung has not answered since it was last asked.',
    });
    expect(hung.asked()).toBe(1);

    hung.answer();
    await expect.poll(() => patience.late).toEqual([]);
    expect(await patience.wait('/hung', quick)).toEqual({ state: 'read', value: 'ok' });
  });

  it('asks nothing more once there is nothing left to read with', async () => {
    const patience = new Patience(5);
    const hung = [slow(), slow(), slow(), slow()];
    await Promise.all(hung.map(async ({ work }, index) => await patience.wait(`/hung/${index}`, work)));
    const next = slow();
    expect(await patience.wait('/next', next.work)).toEqual({
      state: 'failed',
      reason: '/next was not asked, since too much of this host does not answer.',
    });
    expect(next.asked()).toBe(0);
    for (const { answer } of hung) answer();
  });

  it('lets a bug through', async () => {
    const bug = async (): Promise<Reading<string>> => {
      throw new TypeError('bug');
    };
    await expect(new Patience(1000).wait('/a', bug)).rejects.toThrow('bug');
  });
});
