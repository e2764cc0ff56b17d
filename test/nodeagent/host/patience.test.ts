import { setTimeout as delay } from 'node:timers/promises';
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
      reason: '/hung did not answer within 0.005 s.',
    });
    expect(hung.asked()).toBe(1);

    hung.answer();
    await expect.poll(() => patience.late).toEqual([]);
    expect(await patience.wait('/hung', quick)).toEqual({ state: 'read', value: 'ok' });
  });

  it('gives up nothing while other things answer, nor for the time that the process itself was held up', async () => {
    const patience = new Patience(50);
    const held = slow();
    const answer = patience.wait('/held', held.work);
    // Twice the time, and something answers all along.
    const until = performance.now() + 100;
    while (performance.now() < until) await patience.wait('/quick', quick);
    // Nothing can answer while this process does not turn.
    const blocked = performance.now() + 100;
    while (performance.now() < blocked);
    held.answer();
    expect(await answer).toEqual({ state: 'read', value: 'late' });
  });

  it('gives up what does not answer though others are asked now and then', async () => {
    const patience = new Patience(50);
    const hung = slow();
    let isOver = false;
    const answer = patience.wait('/hung', hung.work).finally(() => (isOver = true));
    while (!isOver) {
      await patience.wait('/quick', quick);
      await delay(30);
    }
    expect(await answer).toMatchObject({ state: 'failed' });
    hung.answer();
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

  it('counts each question that hangs, also where several are about the same thing', async () => {
    const patience = new Patience(5);
    const hung = [slow(), slow(), slow(), slow()];
    await Promise.all(hung.map(async ({ work }, index) => await patience.wait(`/hung/${index % 2}`, work)));
    expect(patience.late).toEqual(['/hung/0', '/hung/1']);
    expect(await patience.wait('/next', quick)).toEqual({
      state: 'failed',
      reason: '/next was not asked, since too much of this host does not answer.',
    });

    hung[0]?.answer();
    await expect.poll(async () => await patience.wait('/next', quick)).toMatchObject({ state: 'read' });
    // The other question about it hangs still.
    expect(patience.late).toEqual(['/hung/0', '/hung/1']);
    for (const { answer } of hung) answer();
  });

  it('lets a bug through', async () => {
    const bug = async (): Promise<Reading<string>> => {
      throw new TypeError('bug');
    };
    await expect(new Patience(1000).wait('/a', bug)).rejects.toThrow('bug');
  });
});
