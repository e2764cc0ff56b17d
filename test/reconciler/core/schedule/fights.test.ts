import { describe, expect, it } from 'vitest';
import { afterCorrection, type Fight, isOver } from '../../../../reconciler/core/schedule/fights.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** Corrections at these times. */
function corrected(...times: readonly number[]): Fight {
  const fight = times.reduce<Fight | undefined>((before, at) => afterCorrection(before, at), undefined);
  if (fight === undefined) throw new Error('Nothing was corrected.');
  return fight;
}

const sixTimes = [0, 1, 2, 3, 4, 5].map((n) => n * SECOND);

describe('an object that is corrected', () => {
  it('five times in ten minutes is not fought over', () => {
    const fight = corrected(...sixTimes.slice(0, 5));
    expect(fight).toMatchObject({ rounds: 0, until: 4 * SECOND });
  });

  it('a sixth time within ten minutes is left alone for a minute', () => {
    expect(corrected(...sixTimes)).toMatchObject({ rounds: 1, until: 5 * SECOND + MINUTE });
  });

  it('every three minutes for ever is not fought over', () => {
    const times = Array.from({ length: 100 }, (_, n) => n * 3 * MINUTE);
    expect(corrected(...times).rounds).toBe(0);
  });

  it('is left alone ever longer, and half an hour at most', () => {
    let fight = corrected(...sixTimes);
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      const now = fight.until + SECOND;
      fight = afterCorrection(fight, now);
      pauses.push((fight.until - now) / MINUTE);
    }
    expect(pauses).toEqual([2, 4, 8, 16, 30, 30, 30, 30]);
  });

  it('is like any other again when it was left in peace for ten minutes', () => {
    const fight = corrected(...sixTimes);
    expect(isOver(fight, fight.until + 10 * MINUTE)).toBe(false);
    expect(isOver(fight, fight.until + 10 * MINUTE + 1)).toBe(true);
    expect(afterCorrection(fight, fight.until + 11 * MINUTE)).toMatchObject({ rounds: 0 });
  });

  it('is remembered by few numbers, however long the fight', () => {
    let fight = corrected(0);
    for (let round = 0; round < 1000; round++) fight = afterCorrection(fight, fight.until + 1);
    expect(fight.corrections.length).toBeLessThan(15);
  });
});
