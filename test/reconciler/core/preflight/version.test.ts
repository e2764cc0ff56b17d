import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareVersions, parseVersion } from '../../../../reconciler/core/preflight/version.ts';

const number = fc.integer({ min: 0, max: 999_999_999 });
const version = fc.array(number, { minLength: 2, maxLength: 4 });
/** What distributions put behind the numbers. */
const build = fc.constantFrom(
  '',
  '-45-generic',
  '-rc1',
  '.el9_2.x86_64',
  '+k3s1',
  '-35-cloud-amd64',
  '.fc40',
);

describe('parseVersion', () => {
  it.each([
    ['5.10.0-35-amd64', [5, 10, 0]],
    ['4.18.0-553.el8.x86_64', [4, 18, 0]],
    ['6.12', [6, 12]],
    ['v1.36.3', [1, 36, 3]],
    ['v1.32.4+k3s1', [1, 32, 4]],
    ['5.15.0-1064-gke', [5, 15, 0]],
    ['6.1.115-126.197.amzn2023.x86_64', [6, 1, 115]],
  ])('reads %s', (text, numbers) => {
    expect(parseVersion(text)).toEqual(numbers);
  });

  it.each(['', 'v', '5', 'five.ten', '.5.10', 'kernel 5.10', '99999999999.1', '5.', 'v1', '-5.10'])(
    'reads no version in %j',
    (text) => {
      expect(parseVersion(text)).toBeUndefined();
    },
  );

  it('reads the numbers whatever stands behind them', () => {
    fc.assert(
      fc.property(version, build, (numbers, rest) => {
        const read = parseVersion(numbers.join('.') + rest);
        // A build that begins with a dot and a number could be one more part; none of these does.
        expect(read).toEqual(numbers);
      }),
    );
  });

  it('never throws, and gives whole numbers', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect((parseVersion(text) ?? []).every((part) => Number.isSafeInteger(part))).toBe(true);
      }),
    );
  });
});

describe('compareVersions', () => {
  it('compares numbers, and not texts', () => {
    expect(compareVersions([5, 4], [5, 10])).toBeLessThan(0);
    expect(compareVersions([5, 10], [5, 9, 99])).toBeGreaterThan(0);
    expect(compareVersions([4, 18], [5, 10])).toBeLessThan(0);
    expect(compareVersions([10, 0], [9, 99])).toBeGreaterThan(0);
  });

  it('takes a missing part for 0', () => {
    expect(compareVersions([5, 10], [5, 10, 0, 0])).toBe(0);
  });

  it('is an order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) {
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it('goes by the first part that differs', () => {
    fc.assert(
      fc.property(version, fc.nat({ max: 3 }), fc.integer({ min: 1, max: 1000 }), (numbers, at, more) => {
        const place = Math.min(at, numbers.length - 1);
        const newer = numbers.map((part, index) =>
          index === place ? part + more : index < place ? part : 0,
        );
        expect(compareVersions(numbers, newer)).toBeLessThan(0);
      }),
    );
  });
});
