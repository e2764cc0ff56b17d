import { describe, expect, it } from 'vitest';
import { splitByType } from '../../../../../reconciler/core/desired/sizing.ts';
import {
  capacityFor,
  capacityGiB,
  coresForCapacity,
} from '../../../../../reconciler/core/lint/cluster/drive-sharing.ts';

describe('splitByType', () => {
  it.each([
    [8000, undefined, { tlc: 8000, qlc: 0 }],
    [8000, { tlc: 0, qlc: 0 }, { tlc: 8000, qlc: 0 }],
    [7680, { tlc: 1, qlc: 9 }, { tlc: 768, qlc: 6912 }],
    [1000, { tlc: 1, qlc: 2 }, { tlc: 333, qlc: 667 }],
    [1000, { tlc: 5, qlc: 0 }, { tlc: 1000, qlc: 0 }],
  ])('%d GiB by %o', (total, ratio, parts) => {
    expect(splitByType(total, ratio)).toEqual(parts);
  });
});

describe('capacityFor', () => {
  it.each([
    [768, undefined, 768],
    [768, { tlc: 1, qlc: 9 }, 7680],
    [768, { tlc: 3, qlc: 2 }, 1920],
    [768, { tlc: 1, qlc: 0 }, 768],
  ])('%d GiB of each type by %o needs %d GiB', (needed, ratio, total) => {
    expect(capacityFor(needed, ratio)).toBe(total);
    const parts = splitByType(total, ratio);
    expect(Math.min(parts.tlc, ratio?.qlc ? parts.qlc : parts.tlc)).toBeGreaterThanOrEqual(needed);
  });
});

describe('capacityGiB', () => {
  it.each([
    ['1TiB', 1024],
    ['1.5 PiB', 1_572_864],
    ['384GiB', 384],
    ['1073741824', 1],
    ['500Gi', 500],
    ['1TB', 931],
    ['500T', 512_000],
    ['300t', 307_200],
    ['8000g', 8000],
    ['300TIB', 307_200],
    ['300tib', 307_200],
    ['8000gb', 7450],
    ['8000 GB', 7450],
    ['4294967296B', 4],
    ['2kiB', 0],
  ])('%s', (text, gib) => {
    expect(Math.floor(capacityGiB(text))).toBe(gib);
  });
});

describe('coresForCapacity', () => {
  it.each([
    [
      { tlc: 0, qlc: 0 },
      { tlc: 0, qlc: 0, total: 1 },
    ],
    [
      { tlc: 5120, qlc: 0 },
      { tlc: 1, qlc: 0, total: 1 },
    ],
    [
      { tlc: 5121, qlc: 51_200 },
      { tlc: 2, qlc: 1, total: 3 },
    ],
    [
      { tlc: 40_000, qlc: 0 },
      { tlc: 8, qlc: 0, total: 8 },
    ],
  ])('of %o GiB', (capacity, cores) => {
    expect(coresForCapacity(capacity)).toEqual(cores);
  });
});
