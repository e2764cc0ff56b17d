import { describe, expect, it } from 'vitest';
import { cronFault, isTimeZone } from '../../../../../reconciler/core/lint/policy/cron-shape.ts';

describe('a cron expression', () => {
  it.each([
    '* * * * *',
    '0 22 * * 5',
    '*/15 1-5,22 1,15 jan-mar MON-fri',
    '5/10 0 31 12 7',
    '0 0 29 2 *',
    '0 0 31 4 1',
    '  0  2 * * 6 ',
  ])('%s is one', (text) => {
    expect(cronFault(text)).toBeUndefined();
  });

  it.each([
    ['', /^has no fields/],
    ['@hourly', /^has 1 field,/],
    ['0 0 * * * *', /^has 6 fields/],
    ['60 * * * *', /^has 60 for the minute/],
    ['* 24 * * *', /^has 24 for the hour/],
    ['* * 0 * *', /^has 0 for the day of the month/],
    ['* * * 13 *', /^has 13 for the month/],
    ['* * * * 8', /^has 8 for the day of the week/],
    ['5-1 * * * *', /^has 5-1 for the minute/],
    ['*/0 * * * *', /^has \*\/0 for the minute/],
    ['* * * mon *', /^has mon for the month/],
    ['1, * * * *', /^has 1, for the minute/],
    ['0 0 30 2 *', /^names day 30 of months/],
    ['0 0 31 4,6,9,11 *', /^names day 31 of months/],
  ])('%s is none, or never comes', (text, fault) => {
    expect(cronFault(text)).toMatch(fault);
  });
});

describe('a time zone', () => {
  it('is what IANA calls one', () => {
    expect(['UTC', 'Europe/Berlin', 'America/Argentina/Ushuaia'].every(isTimeZone)).toBe(true);
    expect(['', 'Europe/Berlni', '+02:00', 'Berlin'].some(isTimeZone)).toBe(false);
  });
});
