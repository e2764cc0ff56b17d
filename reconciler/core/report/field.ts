import type { FieldOutput } from '../../../schemas/output/plan.ts';
import { type DiffLine, lineDiff } from './line-diff.ts';
import { clip, oneLine, printable, printableStart, timeWords } from './plain.ts';
import { isMark } from '../plan/mark.ts';

/** A changed field in words: two short values, or a diff where a value has several lines. All of it is printable. */
export type FieldText = {
  readonly path: string;
  /** `(set by hand: kubectl edit, 2026-11-25 18:04:12 UTC)`, `(only the order changes)`; empty where there is nothing to say. */
  readonly note: string;
} & ({ readonly from: string; readonly to: string } | { readonly diff: readonly DiffLine[] });

/** Lines of a value's diff that are shown. */
const DIFF_LINES = 24;
/** What is shown of a long value before the place where two values part. */
const LEAD = 8;

/** Characters of a string that is not looked at in full. */
const HUGE = 20_000;

type Value = FieldOutput['from'];

/** How a changed field reads, each value in at most `max` characters. */
export function describeField(field: FieldOutput, max: number): FieldText {
  const { path, from, to } = field;
  const head = { path: printableStart(path, 200), note: noteOf(field) };
  if ([from, to].some((value) => typeof value === 'string' && value.includes('\n'))) {
    const diff = lineDiff(textOf(from), textOf(to), DIFF_LINES).map((line) =>
      line.mark === '…' ? line : { ...line, text: printableStart(line.text, Math.max(max, 100)) },
    );
    return { ...head, diff };
  }
  const [old, fresh] = aroundDifference(from, to, max);
  const [before, after] = apart(valueWords(old), valueWords(fresh), max);
  return { ...head, from: before, to: after };
}

/** Of huge strings what stands around the place where they part: to make all of them printable takes long. */
function aroundDifference(from: Value, to: Value, max: number): readonly [from: Value, to: Value] {
  const isHuge = [from, to].some((value) => typeof value === 'string' && value.length > HUGE);
  if (!isHuge) return [from, to];
  const same = typeof from === 'string' && typeof to === 'string' ? commonStart(from, to) : 0;
  const cut = Math.max(0, same - max);
  const part = (value: Value): Value =>
    typeof value === 'string' ? (cut === 0 ? '' : '…') + value.slice(cut, cut + 4 * max) : value;
  return [part(from), part(to)];
}

function commonStart(a: string, b: string): number {
  let same = 0;
  while (same < a.length && same < b.length && a[same] === b[same]) same += 1;
  return same;
}

function noteOf({ manager, by, at, reordered }: FieldOutput): string {
  const who = by ?? (manager === undefined ? undefined : `by ${manager}`);
  const notes = [
    ...(reordered === true ? ['only the order changes'] : []),
    ...(who === undefined ? [] : [`set ${clip(oneLine(who), 80)}`]),
    ...(who === undefined || at === undefined ? [] : [timeWords(oneLine(at))]),
  ];
  return notes.length === 0 ? '' : `(${notes.join(', ')})`;
}

function textOf(value: FieldOutput['from']): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : `${JSON.stringify(value)}\n`;
}

/** Strings stand bare where YAML would let them, so that `3` and `"3"` differ to the eye as they do to Kubernetes. */
function valueWords(value: FieldOutput['from']): string {
  if (value === undefined) return '(none)';
  if (typeof value !== 'string') return printable(JSON.stringify(value));
  const plain =
    /^[A-Za-z/.][\w./:@+=%,-]*( [\w./:@+=%,-]+)*$/.test(value) &&
    !/^(true|false|null|yes|no|on|off|\.(inf|nan))$/i.test(value);
  return plain || isMark(value) ? value : printable(JSON.stringify(value));
}

/** Two long values are shown from where they part, since their beginnings often agree. */
function apart(from: string, to: string, max: number): [string, string] {
  if (from.length <= max && to.length <= max) return [from, to];
  const same = commonStart(from, to);
  // No more is cut from the front than is needed for the longer value to show its end.
  const spare = Math.max(from.length, to.length) - max + 1;
  const cut = Math.max(0, Math.min(same - LEAD, spare));
  const shown = (text: string) => clip(cut === 0 ? text : `…${text.slice(cut)}`, max);
  return [shown(from), shown(to)];
}
