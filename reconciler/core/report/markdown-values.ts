import type { ChangeOutput, FieldOutput } from '../../../schemas/output/plan.ts';
import { addedFieldWords } from './added-words.ts';
import { describeField } from './field.ts';
import { code, fence, folded } from './markdown-text.ts';
import type { Room } from './markdown-room.ts';
import { count } from './plain.ts';

/** Begins the line that says how much is left out. */
export const LEFT_OUT = '… and ';
/** Fields that a cell shows; all of them stand below the table. */
export const CELL_FIELDS = 4;
/** Characters of a value in a cell. */
export const CELL_VALUE = 60;
/** Fields of one object below a table. */
const FULL_FIELDS = 40;

/** Whether a cell cannot hold what changes. */
function isLong({ fields }: ChangeOutput): boolean {
  return (
    fields.length > CELL_FIELDS ||
    fields.some(({ from, to }) => [from, to].some((value) => isLongValue(value)))
  );
}

function isLongValue(value: FieldOutput['from']): boolean {
  if (typeof value === 'string') return value.length > CELL_VALUE || value.includes('\n');
  return typeof value === 'object' && value !== null && JSON.stringify(value).length > CELL_VALUE;
}

/** What did not fit into cells, never cut within an object. */
export function valuesInFull(changes: readonly ChangeOutput[], room: Room): string {
  const long = changes.filter(isLong);
  return inFull(`Values of ${count(long.length, 'object')}`, long, diffLines, room);
}

/** What admission makes of objects. */
export function addedInFull(changes: readonly ChangeOutput[], room: Room): string {
  const all = changes.filter(({ adds = [] }) => adds.length > 0);
  const lines = ({ adds = [] }: ChangeOutput) => {
    const more = adds.length - FULL_FIELDS;
    return [
      ...adds.slice(0, FULL_FIELDS).map((field) => `+ ${addedFieldWords(field)}`),
      ...(more > 0 ? [`  … and ${count(more, 'more field')}`] : []),
    ];
  };
  return inFull(`Set by the server in ${count(all.length, 'object')}`, all, lines, room);
}

/** Objects with lines of each, folded, as many as there is room for. */
function inFull(
  title: string,
  changes: readonly ChangeOutput[],
  linesOf: (change: ChangeOutput) => readonly string[],
  room: Room,
): string {
  const parts: string[] = [];
  for (const change of changes) {
    if (room.left <= 0) break;
    const part = `${code(change.target)}\n\n${fence(linesOf(change), 'diff')}`;
    room.left -= part.length;
    if (room.left >= 0) parts.push(part);
  }
  const more = changes.length - parts.length;
  if (more > 0) room.cut.add('long values');
  if (parts.length === 0) return '';
  return folded(title, [...parts, ...(more > 0 ? [`${LEFT_OUT}${more} more.`] : [])].join('\n\n'));
}

function diffLines({ fields }: ChangeOutput): string[] {
  const more = fields.length - FULL_FIELDS;
  return [
    ...fields.slice(0, FULL_FIELDS).flatMap((field) => {
      const text = describeField(field, 400);
      const head = `@@ ${text.path} @@${text.note === '' ? '' : ` ${text.note}`}`;
      if ('diff' in text) {
        const lines = text.diff.map((line) =>
          line.mark === '…' ? `  … ${count(line.skipped, 'line')}` : `${line.mark} ${line.text}`,
        );
        return [head, ...lines];
      }
      return [
        head,
        ...(field.from === undefined ? [] : [`- ${text.from}`]),
        ...(field.to === undefined ? [] : [`+ ${text.to}`]),
      ];
    }),
    ...(more > 0 ? [`  … and ${count(more, 'more field')}`] : []),
  ];
}
