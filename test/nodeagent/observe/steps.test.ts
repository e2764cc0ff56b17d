import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freePages, freeSpaceGiB, mountsInUse } from '../../../nodeagent/observe/steps.ts';

const GIB = 1024 ** 3;

describe('what moves by itself is told in steps', () => {
  it.each([
    [0, 0],
    [9.99, 9],
    [63.5, 63],
    [64, 64],
    [71.9, 64],
    [511, 504],
    [600, 576],
  ])('free space of %d GiB as %d', (giB, told) => {
    expect(freeSpaceGiB(giB * GIB)).toBe(told);
  });

  it.each([
    [0, 100, 2048, 0],
    [100, 100, 2048, 100],
    [99, 100, 2048, 96],
    [3, 4, 1048576, 3],
    [5, 4, 2048, 4],
  ])('%d free of %d pages of %d KiB as %d', (free, total, sizeKiB, told) => {
    expect(freePages(free, total, sizeKiB)).toBe(told);
  });

  it.each([
    [0, 0],
    [8, 8],
    [9, 8],
    [1000, 512],
  ])('%d mounts as %d', (count, told) => {
    expect(mountsInUse(count)).toBe(told);
  });

  it('never tells more than there is, and none only where there is none', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        expect(freeSpaceGiB(one * 1e6)).toBeLessThanOrEqual((one * 1e6) / GIB);
        expect(freePages(one, other, 2048)).toBeLessThanOrEqual(Math.min(one, other));
        expect(mountsInUse(one)).toBeLessThanOrEqual(one);
        expect(mountsInUse(one) === 0).toBe(one === 0);
      }),
    );
  });
});
