import { expect, it } from 'vitest';
import { durationSeconds } from '../../../../../reconciler/core/lint/policy/policy-interval.ts';

it.each([
  ['0', 0],
  ['90s', 90],
  ['1h30m', 5400],
  ['0.5h', 1800],
  ['1500ms', 1.5],
  ['1m0.5s', 60.5],
])('%s is %d seconds', (text, seconds) => {
  expect(durationSeconds(text)).toBe(seconds);
});
