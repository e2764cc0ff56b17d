import { expect, it } from 'vitest';
import { fnv32a, labelValue, nameOf } from '../../../../reconciler/core/desired/work-names.ts';

it('makes a name of parts, with dashes for what no name may have', () => {
  expect(nameOf('drivers', 'builder', '4.18.0-553_1.el8+x', '')).toBe('drivers-builder-4-18-0-553-1-el8-x');
});

it('keeps names that are too long apart, within 63 characters', () => {
  const [a, b] = ['a', 'b'].map((end) => nameOf('policy', 'x'.repeat(80), end));
  expect([a?.length, b?.length]).toEqual([63, 63]);
  expect(a).not.toBe(b);
  expect(nameOf('policy', 'x'.repeat(80), 'a')).toBe(a);
});

it('makes a value of a label of any text', () => {
  expect(labelValue('6.12.94+deb13-cloud-amd64')).toBe('6.12.94-deb13-cloud-amd64');
  expect(labelValue('Debian GNU/Linux 13 (trixie)')).toBe('Debian-GNU-Linux-13--trixie');
  expect(labelValue('+')).toBe('');
});

it('hashes as the published test vectors of FNV-1a do', () => {
  expect(['', 'a', 'foobar'].map(fnv32a)).toEqual(['811c9dc5', 'e40c292c', 'bf9cf968']);
});
