import { type Observed, unknown } from '../../schemas/node/observed.ts';

/** The whole number that a file of the kernel holds. */
export function wholeNumber(text: string): Observed<number> {
  const trimmed = text.trim();
  const value = Number(trimmed);
  if (/^-?\d+$/.test(trimmed) && Number.isSafeInteger(value)) return value;
  return unknown(`${quoted(trimmed)} is no whole number.`);
}

/** As `wholeNumber`, and no less than `least`: the kernel says -1 for what it does not know. */
export function numberFrom(least: number, text: string): Observed<number> {
  const value = wholeNumber(text);
  return typeof value === 'number' && value < least
    ? unknown(`The kernel does not know it: it says ${value}.`)
    : value;
}

/** A switch of the kernel: 1 or Y, 0 or N. */
export function yesNo(text: string): Observed<'yes' | 'no'> {
  switch (text.trim()) {
    case '1':
    case 'Y':
      return 'yes';
    case '0':
    case 'N':
      return 'no';
    default:
      return unknown(`${quoted(text.trim())} is neither yes nor no.`);
  }
}

/** Text of others within a sentence: short, and on one line. */
export function quoted(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 59)}…`);
}
