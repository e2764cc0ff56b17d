import { describe, expect, it } from 'vitest';
import { millis, units } from '../../../../reconciler/core/facts/amounts.ts';

describe('an amount in whole units', () => {
  it.each([
    ['0', 0],
    ['3', 3],
    [3, 3],
    ['64Gi', 64 * 2 ** 30],
    ['65536Mi', 64 * 2 ** 30],
    ['131886736Ki', 131_886_736 * 1024],
    ['1Ti', 2 ** 40],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['500G', 5e11],
    ['2e3', 2000],
    ['1500m', 2],
    ['128974848000m', 128_974_848],
    ['', 0],
    ['lots', 0],
    [undefined, 0],
    [null, 0],
  ])('%j is %d', (quantity, amount) => {
    expect(units(quantity)).toBe(amount);
  });
});

describe('an amount in thousandths', () => {
  it.each([
    ['32', 32_000],
    ['250m', 250],
    ['0.5', 500],
    [1.5, 1500],
    ['100u', 1],
    ['1k', 1_000_000],
    ['none', 0],
  ])('%j is %d', (quantity, amount) => {
    expect(millis(quantity)).toBe(amount);
  });
});
