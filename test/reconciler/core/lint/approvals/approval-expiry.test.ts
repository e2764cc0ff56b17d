import { expect, it } from 'vitest';
import { timeFault } from '../../../../../reconciler/core/lint/approvals/approval-expiry.ts';

it.each([
  ['2027-01-31T18:00:00Z', undefined],
  ['2028-02-29T18:00:00Z', undefined],
  ['2027-02-29T18:00:00Z', '2027-02 has 28 days'],
  ['2027-11-31T18:00:00Z', '2027-11 has 30 days'],
  ['2027-01-31T18:00:00+14:00', undefined],
  ['2027-01-31T18:00:00-15:00', 'No time zone is that far from UTC'],
  ['2027-01-31T18:00:00+01:60', 'No time zone is that far from UTC'],
])('%s: %s', (text, fault) => {
  expect(timeFault(text)).toBe(fault);
});
