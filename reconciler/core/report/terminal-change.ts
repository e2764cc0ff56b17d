import type { ChangeOutput, FieldOutput, RiskOutput } from '../../../schemas/output/plan.ts';
import { describeField, type FieldText } from './field.ts';
import { columns, fit, wrapped } from './layout.ts';
import type { DiffLine } from './line-diff.ts';
import { type Colour, OPERATION_COLOURS, type Page, RISK_COLOURS } from './page.ts';
import { count, prose } from './plain.ts';
import { addedFieldWords, addedWords, renameWords } from './added-words.ts';
import { placementWords } from './placement-words.ts';
import { noteWords, riskWords, SYMBOLS, toldRisks } from './words.ts';

/** What an entry of a list begins with. */
export interface EntryHead {
  readonly symbol: string;
  readonly colour: Colour;
  readonly target: string;
  /** Said behind the target, or below it where there is no room. */
  readonly notes: readonly string[];
}

/** Where symbols end, and where what is said of an object begins. */
const INDENT = ' '.repeat(6);
const FIELDS = 40;
/** Fields that are shown of what the server adds. */
const ADDED = 20;
/** Characters of one value in a line of its own. */
const VALUE = 400;

/** A change with its changed fields and its reason. */
export function changeLines(change: ChangeOutput, page: Page): string[] {
  const { op, target, reason, source, fields, node } = change;
  const [does, ...more] = node?.does ?? [];
  const notes = [
    ...(source === undefined ? [] : [source]),
    ...placementWords(change),
    ...renameWords(change),
    ...noteWords(change),
  ];
  const words = does === undefined ? target : `${target}: ${does}`;
  const head = { symbol: SYMBOLS[op], colour: OPERATION_COLOURS[op], target: words, notes };
  const left = fields.length - FIELDS;
  return [
    ...entryLines(head, [...more, ...(reason === undefined ? [] : [reason])], page),
    ...toldRisks(change).flatMap((risk) => riskLines(risk, page)),
    ...fields.slice(0, FIELDS).flatMap((field) => fieldLines(field, page)),
    ...(left > 0 ? [`${INDENT}… and ${count(left, 'more field')}`] : []),
    ...addedLines(change, page),
  ];
}

/** What the API server would store beyond the manifest, dim, since nobody asks for it. */
function addedLines(change: ChangeOutput, { paint, width }: Page): string[] {
  const words = addedWords(change);
  if (words === '') return [];
  const { adds = [] } = change;
  const more = adds.length - ADDED;
  const lines = adds
    .slice(0, ADDED)
    .flatMap((field) =>
      wrapped(`+ ${addedFieldWords(field)}`, width - INDENT.length - 2).map((line) => `  ${line}`),
    );
  return [
    ...wrapped(`The server ${words}.`, width - INDENT.length),
    ...lines,
    ...(more > 0 ? [`  … and ${count(more, 'more field')}`] : []),
  ].map((line) => INDENT + paint('dim', line));
}

/** An object, and what there is to say of it. */
export function entryLines(head: EntryHead, said: readonly string[], page: Page): string[] {
  const { paint, width } = page;
  const symbol = head.symbol.padEnd(3);
  const [name = '', ...rest] = wrapped(prose(head.target, 500), width - INDENT.length);
  const lines = [`  ${paint(head.colour, symbol)} ${name}`, ...rest.map((line) => INDENT + line)];
  const notes = head.notes.map((note) => prose(note, 300)).join(', ');
  if (notes !== '') {
    if (rest.length === 0 && INDENT.length + columns(name) + 2 + columns(notes) <= width) {
      lines[0] += `  ${paint('dim', notes)}`;
    } else {
      lines.push(...wrapped(notes, width - INDENT.length).map((line) => INDENT + paint('dim', line)));
    }
  }
  const words = said.flatMap((text) => wrapped(prose(text), width - INDENT.length));
  return [...lines, ...words.map((line) => INDENT + line)];
}

function riskLines(risk: RiskOutput, { paint, width }: Page): string[] {
  const words = prose(`Risk ${risk.name}: ${riskWords(risk)}`);
  return wrapped(words, width - INDENT.length).map((line) => INDENT + paint(RISK_COLOURS[risk.name], line));
}

function fieldLines(field: FieldOutput, page: Page): string[] {
  const { paint, width } = page;
  const room = width - INDENT.length - 4;
  const text = describeField(field, VALUE);
  const note = text.note === '' ? '' : `  ${paint('dim', text.note)}`;
  const path = pathLines(text, page);
  if ('diff' in text) {
    return [...path, ...text.diff.map((line) => `${INDENT}  ${diffLine(line, room, page)}`)];
  }
  const plain = `${text.path}  ${text.from} → ${text.to}${text.note === '' ? '' : `  ${text.note}`}`;
  if (INDENT.length + columns(plain) <= width) {
    return [`${INDENT}${text.path}  ${paint('red', text.from)} → ${paint('green', text.to)}${note}`];
  }
  const value = (mark: '-' | '+', words: string) =>
    wrapped(words, room).map(
      (line, index) =>
        `${INDENT}  ${paint(mark === '-' ? 'red' : 'green', `${index === 0 ? mark : ' '} ${line}`)}`,
    );
  return [
    ...path,
    ...(field.from === undefined ? [] : value('-', text.from)),
    ...(field.to === undefined ? [] : value('+', text.to)),
  ];
}

/** A field's path with its note behind it, or below it where there is no room. */
function pathLines({ path, note }: FieldText, { paint, width }: Page): string[] {
  const lines = wrapped(path, width - INDENT.length).map((line) => INDENT + line);
  const last = lines.at(-1) ?? '';
  if (note === '') return lines;
  if (columns(last) + 2 + columns(note) <= width) {
    return [...lines.slice(0, -1), `${last}  ${paint('dim', note)}`];
  }
  return [...lines, ...wrapped(note, width - INDENT.length).map((line) => INDENT + paint('dim', line))];
}

function diffLine(line: DiffLine, room: number, { paint }: Page): string {
  if (line.mark === '…') return paint('dim', `… ${count(line.skipped, 'line')}`);
  const text = fit(`${line.mark} ${line.text}`, room + 2);
  return line.mark === ' ' ? text : paint(line.mark === '-' ? 'red' : 'green', text);
}
