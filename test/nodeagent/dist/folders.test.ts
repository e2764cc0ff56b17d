import fc from 'fast-check';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../nodeagent/dist/folders.ts';
import { leastUsed } from '../../../nodeagent/dist/least-used.ts';

describe('the target of a request', () => {
  it.each([
    ['/dist/v1/drivers/4.4.5-0123.tar.gz', { area: 'drivers', file: '4.4.5-0123.tar.gz' }],
    ['/dist/v1/drivers/', { area: 'drivers', file: '' }],
    ['/dist/v1/drivers/a%2Bb?x=/../y#z', { area: 'drivers', file: 'a+b' }],
    ['/dist/v1/release/4.4.5.spec', { area: 'release', file: '4.4.5.spec' }],
  ])('%s is a place', (target, place) => {
    expect(placeOf(target)).toEqual(place);
  });

  it('is a file of an area or nothing, whatever it says', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '..',
        '.',
        '%2e%2e',
        '%2f',
        '/',
        '\\',
        '%00',
        'drivers',
        '~',
        '%',
        'a',
        '.a',
        '\0',
        'ä',
        '\u2215',
      ),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const place = placeOf(`/dist/v1/drivers/${parts.join('')}`);
        if (place === undefined || place.file === '') return;
        expect(join('/root', place.area, place.file)).toBe(`/root/drivers/${place.file}`);
        expect(place.file).toMatch(/^[A-Za-z0-9][A-Za-z0-9._+~-]*$/);
      }),
    );
  });
});

describe('what has to go', () => {
  const files = [
    { name: 'old', bytes: 10 },
    { name: 'middle', bytes: 10 },
    { name: 'new', bytes: 10 },
  ];
  const gone = (bytes: number) => leastUsed(files, bytes)?.map(({ name }) => name);

  it('is what was not used for longest, and no more than is needed', () => {
    expect(gone(-5)).toEqual([]);
    expect(gone(0)).toEqual([]);
    expect(gone(1)).toEqual(['old']);
    expect(gone(11)).toEqual(['old', 'middle']);
    expect(gone(30)).toEqual(['old', 'middle', 'new']);
  });

  it('is nothing where all of it would be too little', () => {
    expect(gone(31)).toBeUndefined();
  });
});
