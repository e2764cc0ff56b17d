import { expect, it } from 'vitest';
import { ipRange } from '../../../../../reconciler/core/lint/network/ip-ranges.ts';

it.each([
  ['10.0.1.101', 1],
  ['10.0.1.101-120', 20],
  ['10.0.1.250-10.0.2.5', 12],
  ['0.0.0.0-255.255.255.255', 2 ** 32],
  ['10.0.1.120-101', undefined],
  ['10.0.1', undefined],
  ['10.0.1.256', undefined],
  ['10.0.01.1', undefined],
  ['10.0.1.1-', undefined],
  ['10.0.1.1-5-9', undefined],
  ['', undefined],
])('%s has %s addresses', (text, count) => {
  const range = ipRange(text);
  expect(range && range.last - range.first + 1).toBe(count);
});
