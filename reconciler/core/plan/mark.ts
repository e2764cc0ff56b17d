import { createHmac } from 'node:crypto';
import { canonicalJson } from '../kube/hash.ts';
import { HIDDEN } from '../spec/sealed.ts';

/** What stands in place of a value that nobody may read. */
export type Mark = (secret: unknown) => string;

/** Digits of a hash: enough to tell the values of one plan apart. */
const DIGITS = 8;

const MARKS = /\(hidden #[0-9a-f]{8}\)/g;

/**
 * Marks that tell whether two values are the same, and nothing else of them: with a `key` that nobody else has, even a
 * weak one cannot be found by trying.
 */
export function keyedMark(key: Uint8Array): Mark {
  return (secret) => {
    const text = typeof secret === 'string' ? secret : canonicalJson(secret);
    const hash = createHmac('sha256', key).update(text).digest('hex');
    return `(hidden #${hash.slice(0, DIGITS)})`;
  };
}

/** The same mark for everything. */
export const plainMark: Mark = () => HIDDEN;

/** Whether `value` is a mark and nothing else. */
export function isMark(value: unknown): value is string {
  return typeof value === 'string' && /^\(hidden(?: #[0-9a-f]{8})?\)$/.test(value);
}

/** The mark that `text` begins with; empty where it begins with none. */
export function leadingMark(text: string): string {
  return /^\(hidden(?: #[0-9a-f]{8})?\)/.exec(text)?.[0] ?? '';
}

/** Whether there is a mark with a hash anywhere in `value`. */
function holdsMark(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('(hidden #') && value.search(MARKS) !== -1;
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsMark);
}

/** `value` with marks that are the same whatever the key. */
export function withPlainMarks(value: unknown): unknown {
  if (!holdsMark(value)) return value;
  if (typeof value === 'string') return value.replace(MARKS, HIDDEN);
  if (Array.isArray(value)) return value.map(withPlainMarks);
  return Object.fromEntries(
    Object.entries(value as object).map(([name, member]) => [name, withPlainMarks(member)]),
  );
}
