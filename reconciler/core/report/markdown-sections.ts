import type { FindingOutput } from '../../../schemas/output/finding.ts';
import type { ChangeOutput, FieldOutput, Plan, UnreadOutput } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput } from '../../../schemas/output/report.ts';
import type { Obstacle } from '../../../schemas/output/status.ts';
import { errorsFirst } from './bounded.ts';
import { describeField, type FieldText } from './field.ts';
import { code, fence, folded, inline, table } from './markdown-text.ts';
import { pageOf } from './page.ts';
import { count, prose } from './plain.ts';
import { findingLines } from './terminal-finding.ts';
import { bySeverity, type Group } from './groups.ts';
import { brakeState, FLAG_WORDS, STATE_WORDS, SYMBOLS } from './words.ts';

// Each section takes how many rows it may show, says how many it leaves out, and is empty where there is nothing to say.

/** Begins the line that says how much is left out. */
export const LEFT_OUT = '… and ';

/** Rows that stand open; a longer table is folded. */
const OPEN = 12;
/** Fields that a cell shows; all of them stand below the table. */
const CELL_FIELDS = 4;
/** Characters of a value in a cell. */
const CELL_VALUE = 60;
/** Characters that the values below a table may take, in all and for each row that the table may show. */
const FULL = 40_000;
const FULL_PER_ROW = 100;
/** Fields of one object below a table. */
const FULL_FIELDS = 40;
/** Findings whose lines are shown. */
const EXCERPTS = 25;

export function groupSection({ title, changes }: Group, rows: number): string {
  const shown = changes.slice(0, rows);
  const cells = shown.map((change) => [
    code(SYMBOLS[change.op]),
    code(change.target),
    whatCell(change),
    change.source === undefined ? '' : code(change.source),
  ]);
  return section(
    title,
    changes.length,
    tableWithout(['', 'Object', 'What', 'Manifest'], cells),
    shown.length,
    valuesInFull(shown, Math.min(FULL, rows * FULL_PER_ROW)),
  );
}

export function outcomeSection(title: string, outcomes: readonly OutcomeOutput[], rows: number): string {
  const shown = outcomes.slice(0, rows);
  const cells = shown.map(({ op, target, code: errorCode, why, hint }) => [
    code(SYMBOLS[op]),
    code(target),
    [errorCode === undefined ? '' : code(errorCode), inline(why ?? '')].filter(Boolean).join(' ') +
      (hint === undefined ? '' : `<br>Hint: ${inline(hint)}`),
  ]);
  return section(title, outcomes.length, table(['', 'Object', 'Why'], cells), shown.length);
}

export function obstacleSection(title: string, obstacles: readonly Obstacle[], rows: number): string {
  const shown = obstacles.slice(0, rows);
  const cells = shown.map(({ target, why }) => [code(target), inline(why)]);
  return section(title, obstacles.length, table(['Object', 'Why'], cells), shown.length);
}

export function unreadSection(unread: readonly UnreadOutput[], rows: number): string {
  const shown = unread.slice(0, rows);
  const cells = shown.map(({ kind, namespace, why }) => [code(kind), code(namespace ?? ''), inline(why)]);
  const head = ['Kind', 'Namespace', 'Why'];
  return section('Could not be read', unread.length, tableWithout(head, cells), shown.length);
}

export function healthSection(title: string, objects: readonly ObjectHealth[], rows: number): string {
  const shown = bySeverity(objects).slice(0, rows);
  const cells = shown.map(({ target, state, message }) => [
    code(target),
    STATE_WORDS[state],
    inline(message),
  ]);
  return section(title, objects.length, table(['Object', 'State', 'What it says'], cells), shown.length);
}

export function findingSection(findings: readonly FindingOutput[], rows: number): string {
  const sorted = findings.toSorted(errorsFirst);
  const shown = sorted.slice(0, rows);
  const cells = shown.map(({ level, file, line, column, message, hint, rule }) => [
    level === 'error' ? `**${level}**` : level,
    code(`${file}:${line}:${column}`),
    `${inline(message)} ${code(rule)}${hint === undefined ? '' : `<br>Hint: ${inline(hint)}`}`,
  ]);
  return section(
    'Findings',
    findings.length,
    table(['', 'Where', 'What is wrong'], cells),
    shown.length,
    excerpts(shown),
  );
}

export function guardSection({ pruneBlocked, brake }: Pick<Plan, 'pruneBlocked' | 'brake'>): string {
  return [
    ...(brake === undefined ? [] : [`**${brakeState(brake)}:** ${inline(brake.reason)}`]),
    ...(pruneBlocked === undefined ? [] : [`**Pruning is blocked:** ${inline(pruneBlocked)}`]),
  ].join('\n\n');
}

function section(title: string, all: number, body: string, shown: number, below = ''): string {
  if (all === 0) return '';
  const more = all > shown ? `${LEFT_OUT}${all - shown} more.` : '';
  const heading = `#### ${title} (${all})`;
  if (shown === 0) return `${heading}\n\n${more}`;
  const rows = [body, more].filter(Boolean).join('\n\n');
  const parts = [heading, shown > OPEN ? folded(`Show ${shown} of ${all}`, rows) : rows, below];
  return parts.filter(Boolean).join('\n\n');
}

/** A table without the columns that hold nothing. */
function tableWithout(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = head.map((_, at) => rows.some((cells) => cells[at] !== ''));
  const keep = (cells: readonly string[]) => cells.filter((_, at) => kept[at]);
  return table(keep(head), rows.map(keep));
}

function whatCell({ fields, flags, reason }: ChangeOutput): string {
  const more = fields.length - CELL_FIELDS;
  return [
    ...fields.slice(0, CELL_FIELDS).map((field) => fieldCell(describeField(field, CELL_VALUE))),
    ...(more > 0 ? [`… and ${count(more, 'more field')}`] : []),
    ...(reason === undefined ? [] : [inline(reason)]),
    ...(flags.length === 0 ? [] : [`_${flags.map((flag) => FLAG_WORDS[flag]).join(', ')}_`]),
  ].join('<br>');
}

function fieldCell(text: FieldText): string {
  const lines = (mark: '+' | '-') =>
    'diff' in text ? text.diff.filter((line) => line.mark === mark).length : 0;
  const what =
    'diff' in text
      ? `${count(lines('+'), 'line')} added, ${lines('-')} removed`
      : `${code(text.from)} → ${code(text.to)}`;
  return `${code(text.path)}: ${what}${text.note === '' ? '' : ` ${inline(text.note)}`}`;
}

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

/** What did not fit into cells, in at most `room` characters and never cut within an object. */
function valuesInFull(changes: readonly ChangeOutput[], room: number): string {
  const long = changes.filter(isLong);
  const parts: string[] = [];
  let used = 0;
  for (const change of long) {
    const part = `${code(change.target)}\n\n${fence(diffLines(change), 'diff')}`;
    used += part.length;
    if (used > room) break;
    parts.push(part);
  }
  if (parts.length === 0) return '';
  if (parts.length < long.length) parts.push(`${LEFT_OUT}${long.length - parts.length} more.`);
  return folded(`Values of ${count(long.length, 'object')}`, parts.join('\n\n'));
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

/** The lines of the files with a caret below each place, as the terminal shows them. */
function excerpts(findings: readonly FindingOutput[]): string {
  const page = pageOf({ colour: false, width: 110 });
  const shown = findings.filter(({ excerpt }) => excerpt !== undefined).slice(0, EXCERPTS);
  if (shown.length === 0) return '';
  const lines = shown.flatMap((finding, index) => [
    ...(index === 0 ? [] : ['']),
    ...findingLines({ ...finding, message: prose(finding.message, 200) }, page),
  ]);
  return folded('The lines', fence(lines, 'text'));
}
