import { describe, expect, it } from 'vitest';
import { abortOf, isAbortOf } from '../../../reconciler/unattended/ending.ts';

describe('an error of a process that is told to end', () => {
  it('is taken for the end itself only where it says so', () => {
    const stop = new AbortController();
    const reason = new Error('SIGTERM');
    expect(isAbortOf(stop.signal, reason)).toBe(false);
    stop.abort(reason);
    expect(isAbortOf(stop.signal, reason)).toBe(true);
    expect(isAbortOf(stop.signal, new DOMException('aborted', 'AbortError'))).toBe(true);
    expect(isAbortOf(stop.signal, new TypeError('x is not a function'))).toBe(false);
  });

  it('is waited for, and need not be still to come', async () => {
    const stop = new AbortController();
    const ended = abortOf(stop.signal);
    stop.abort();
    await ended;
    await abortOf(stop.signal);
  });
});
