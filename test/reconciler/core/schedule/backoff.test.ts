import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  afterSuccess,
  type Backoff,
  type Cause,
  PACES,
  parseRetryAfter,
  remainingMs,
  UNTROUBLED,
} from '../../../../reconciler/core/schedule/backoff.ts';

const causes = Object.keys(PACES) as Cause[];

/** So many failures of `cause` in a row, all at time 0. */
function failed(times: number, cause: Cause, random: number): Backoff {
  return Array.from({ length: times }).reduce<Backoff>(
    (backoff) => afterFailure(backoff, cause, { now: 0, random }),
    UNTROUBLED,
  );
}

describe('backing off', () => {
  it('does not wait before anything has failed', () => {
    for (const cause of causes) expect(remainingMs(UNTROUBLED, cause, 1234)).toBe(0);
  });

  it.each(causes)('doubles the longest wait for a failing %s, up to its cap', (cause) => {
    const { baseMs, capMs } = PACES[cause];
    const longest = [1, 2, 3, 20, 2000].map((times) => remainingMs(failed(times, cause, 1), cause, 0));
    expect(longest).toEqual([baseMs, 2 * baseMs, 4 * baseMs, capMs, capMs]);
  });

  it('waits for any part of that, so that many do not come back together', () => {
    const waits = [0, 0.25, 0.5, 0.999].map((random) => remainingMs(failed(1, 'api', random), 'api', 0));
    expect(waits).toEqual([0, 250, 500, 999]);
  });

  it('counts down', () => {
    const backoff = failed(3, 'api', 0.5);
    expect([0, 500, 2000, 9000].map((now) => remainingMs(backoff, 'api', now))).toEqual([2000, 1500, 0, 0]);
  });

  it('begins anew after a success', () => {
    const backoff = afterSuccess(failed(10, 'api', 1), 'api');
    expect(backoff).toEqual(UNTROUBLED);
    expect(remainingMs(afterFailure(backoff, 'api', { now: 0, random: 1 }), 'api', 0)).toBe(1000);
  });

  it('lets no cause make another one wait, whatever happens in which order', () => {
    const step = fc.record({ cause: fc.constantFrom(...causes), succeeds: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), fc.constantFrom(...causes), (steps, mine) => {
        const run = (of: typeof steps) =>
          of.reduce<Backoff>(
            (backoff, { cause, succeeds }) =>
              succeeds ? afterSuccess(backoff, cause) : afterFailure(backoff, cause, { now: 0, random: 1 }),
            UNTROUBLED,
          );
        const alone = run(steps.filter(({ cause }) => cause === mine));
        expect(remainingMs(run(steps), mine, 0)).toBe(remainingMs(alone, mine, 0));
      }),
    );
  });

  it('waits at least as long as the server asks for, but not for ever', () => {
    const asked = (retryAfterMs: number) =>
      remainingMs(afterFailure(UNTROUBLED, 'api', { now: 0, random: 0.5, retryAfterMs }), 'api', 0);
    expect([0, 7_000, 86_400_000, Infinity, -5].map(asked)).toEqual([500, 7_000, 3_600_000, 3_600_000, 500]);
  });
});

describe('a Retry-After header', () => {
  const now = new Date('2026-10-21T07:27:30Z');

  it.each([
    ['7', 7_000],
    [' 120 ', 120_000],
    ['0', 0],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 30_000],
    ['Wed, 21 Oct 2026 07:27:00 GMT', 0],
  ])('%j asks for %d ms', (text, ms) => {
    expect(parseRetryAfter(text, now)).toBe(ms);
  });

  it.each([undefined, '', '-1', '1.5', 'soon', '2026-10-21', 'Wed, 99 Xyz 2026 07:28:00 GMT'])(
    '%j asks for nothing',
    (text) => {
      expect(parseRetryAfter(text, now)).toBeUndefined();
    },
  );
});
