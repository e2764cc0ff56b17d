import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameQuantity } from '../../../../reconciler/core/plan/quantity.ts';

describe('sameQuantity', () => {
  it.each([
    ['1', '1000m'],
    ['0.5', '500m'],
    [0.5, '500m'],
    [1, '1'],
    ['.5', '500m'],
    ['5.', '5'],
    ['+1', '1'],
    ['-1', '-1000m'],
    ['0', '-0'],
    ['1Ki', '1024'],
    ['1Gi', '1024Mi'],
    ['1Ei', '1024Pi'],
    ['1.5Gi', '1536Mi'],
    ['1k', '1000'],
    ['1M', '1000k'],
    ['1G', '1e9'],
    ['1E', '1e18'],
    ['1E3', '1000'],
    ['1e-3', '1m'],
    ['1000000u', '1'],
    ['1000000000n', '1'],
    ['12e6', '12M'],
    ['0.0000000001', '1n'],
    ['100m', '0.1'],
  ])('%s is %s', (a, b) => {
    expect(sameQuantity(a, b)).toBe(true);
    expect(sameQuantity(b, a)).toBe(true);
  });

  it.each([
    ['1', '2'],
    ['1M', '1Mi'],
    ['1G', '1Gi'],
    ['1', '-1'],
    ['1m', '1M'],
    ['1e3', '1e4'],
    ['0.5', '0.51'],
  ])('%s is not %s', (a, b) => {
    expect(sameQuantity(a, b)).toBe(false);
  });

  it.each([
    '',
    '.',
    '-',
    'x',
    '1x',
    '1ki',
    '1mi',
    'Ki',
    '1 Gi',
    '1e',
    '1e999',
    '0x10',
    true,
    null,
    undefined,
    {},
  ])('%s is none, so nothing is the same', (none) => {
    expect(sameQuantity(none, none)).toBe(false);
    expect(sameQuantity(none, '1')).toBe(false);
  });

  it('finds the same value in thousandths and in units', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), (value) => {
        expect(sameQuantity(`${value}`, `${value * 1000n}m`)).toBe(true);
        expect(sameQuantity(`${value}Gi`, `${value * 1024n}Mi`)).toBe(true);
        expect(sameQuantity(`${value}`, `${value + 1n}`)).toBe(false);
      }),
    );
  });
});
