import { describe, expect, it } from 'vitest';
import { quantile, rowOf, table } from './row.ts';

describe('rowOf', () => {
  it('takes the medians of both sides, and the median of the ratios pair by pair', () => {
    const row = rowOf({
      name: 'apply',
      unit: 's',
      values: [1, 2, 4],
      baselines: [4, 4, 8],
      goal: { ratioAtLeast: 2 },
    });
    expect(row).toEqual({
      name: 'apply',
      value: 2,
      unit: 's',
      baseline: 4,
      ratio: 2,
      goal: '≥ 2×',
      met: true,
      note: '',
    });
  });

  it('meets a bound on the value up to the bound itself', () => {
    const met = (value: number) =>
      rowOf({ name: 'calls', unit: 'calls', values: [value], goal: { atMost: 10 } }).met;
    expect([met(10), met(11)]).toEqual([true, false]);
  });

  it('only informs where no goal is set', () => {
    const { goal, met, ratio } = rowOf({ name: 'memory', unit: 'MiB', values: [96] });
    expect([goal, met, ratio]).toEqual([null, null, null]);
  });
});

describe('quantile', () => {
  it('lies between two values where it falls between them', () => {
    expect([quantile([4, 1], 0.5), quantile([1, 2, 3], 1), quantile([7], 0.95)]).toEqual([2.5, 3, 7]);
  });
});

describe('table', () => {
  it('says which goals were missed', () => {
    const rows = [
      rowOf({ name: 'plan', unit: 's', values: [3], baselines: [6], goal: { ratioAtLeast: 4 } }),
      rowOf({ name: 'poll', unit: 'ms', values: [7], goal: { atMost: 200 }, note: 'over HTTP' }),
    ];
    expect(table(rows)).toBe(
      [
        '      value  baseline  ratio   goal',
        'plan    3 s       6 s     2×   ≥ 4×  MISSED',
        'poll   7 ms                   ≤ 200  met     over HTTP',
      ].join('\n'),
    );
  });
});
