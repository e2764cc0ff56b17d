import type { FieldOutput } from '../../../schemas/output/plan.ts';
import { type DiffLine, lineDiff } from './line-diff.ts';
import { clip, oneLine, printable } from './plain.ts';
import { HIDDEN } from '../plan/redact.ts';

/** A changed field in words: two short values, or a diff where a value has several lines. All of it is printable. */
export type FieldText = {
  readonly path: string;
  /** `(set by kubectl-edit)`; empty where nobody else has set it. */
  readonly note: string;
} & ({ readonly from: string; readonly to: string } | { readonly diff: readonly DiffLine[] });

/** Lines of a value's diff that are shown. */
const DIFF_LINES = 24;
/** What is shown of a long value before the place where two values part. */
const LEAD = 8;

/** How a changed field reads, each value in at most `max` characters. */
export function describeField({ path, from, to, manager }: FieldOutput, max: number): FieldText {
  const head = {
    path: clip(printable(path), 200),
    note: manager === undefined ? '' : `(set by ${clip(oneLine(manager), 60)})`,
  };
  if ([from, to].some((value) => typeof value === 'string' && value.includes('\n'))) {
    const diff = lineDiff(textOf(from), textOf(to), DIFF_LINES).map((line) =>
      line.mark === '…' ? line : { ...line, text: clip(printable(line.text), Math.max(max, 100)) },
    );
    return { ...head, diff };
  }
  const [before, after] = apart(valueWords(from), valueWords(to), max);
  return { ...head, from: before, to: after };
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
  return plain || value === HIDDEN ? value : printable(JSON.stringify(value));
}

/** Two long values are shown from where they part, since their beginnings often agree. */
function apart(from: string, to: string, max: number): [string, string] {
  if (from.length <= max && to.length <= max) return [from, to];
  let same = 0;
  while (same < from.length && same < to.length && from[same] === to[same]) same += 1;
  // No more is cut from the front than is needed for the longer value to show its end.
  const spare = Math.max(from.length, to.length) - max + 1;
  const cut = Math.max(0, Math.min(same - LEAD, spare));
  const shown = (text: string) => clip(cut === 0 ? text : `…${text.slice(cut)}`, max);
  return [shown(from), shown(to)];
}
