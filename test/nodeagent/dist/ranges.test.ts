import { describe, expect, it } from 'vitest';
import { entityTag, wantedBy } from '../../../nodeagent/dist/ranges.ts';

const TAG = entityTag('a'.repeat(64));

describe('of a file of 1000 bytes', () => {
  it.each([
    ['bytes=0-99', { first: 0, last: 99 }],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=900-', { first: 900, last: 999 }],
    ['bytes=-1', { first: 999, last: 999 }],
    ['bytes=-5000', { first: 0, last: 999 }],
    ['bytes=500-5000', { first: 500, last: 999 }],
    [' BYTES = 1 - 2 ', { first: 1, last: 2 }],
  ])('%s is a part', (range, part) => {
    expect(wantedBy({ range }, TAG, 1000)).toEqual({ status: 206, range: part });
  });

  it.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0'])('there are no %s', (range) => {
    expect(wantedBy({ range }, TAG, 1000)).toEqual({ status: 416 });
  });

  it.each(['bytes=', 'bytes=-', 'bytes=5-1', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=a-b', '', 'bytes=1-2-3'])(
    '%j is no one range, so all of it is sent',
    (range) => {
      expect(wantedBy({ range }, TAG, 1000)).toEqual({ status: 200 });
    },
  );

  it.each([
    [{ 'if-none-match': TAG }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': `"x",${TAG}` }, 304],
    [{ 'if-none-match': '"x"' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': `W/${TAG}` }, 412],
    [{ 'if-match': '"x"', 'if-none-match': TAG }, 412],
    [{ 'if-range': TAG, range: 'bytes=1-2' }, 206],
    [{ 'if-range': `W/${TAG}`, range: 'bytes=1-2' }, 200],
    [{ 'if-range': 'Thu, 26 Nov 2026 10:00:00 GMT', range: 'bytes=1-2' }, 200],
  ])('%j is answered with %i', (conditions, status) => {
    expect(wantedBy(conditions, TAG, 1000).status).toBe(status);
  });
});
