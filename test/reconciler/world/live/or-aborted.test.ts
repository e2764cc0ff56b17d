import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { orAborted } from '../../../../reconciler/world/live/or-aborted.ts';

const STOP = new Error('stop');

describe('work that somebody may give up waiting for', () => {
  it('gives what it gives while nobody does', async () => {
    expect(await orAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
  });

  it('is given up at once', async () => {
    const giving = new AbortController();
    const waiting = orAborted(new Promise(() => undefined), giving.signal);
    giving.abort(STOP);
    await expect(waiting).rejects.toBe(STOP);
  });

  it('may fail afterwards, even where it was given up before it was waited for', async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => void unheard.push(reason);
    process.on('unhandledRejection', hear);
    try {
      await expect(orAborted(promise, AbortSignal.abort(STOP))).rejects.toBe(STOP);
      reject(new Error('too late'));
      await turn();
      expect(unheard).toEqual([]);
    } finally {
      process.off('unhandledRejection', hear);
    }
  });
});
