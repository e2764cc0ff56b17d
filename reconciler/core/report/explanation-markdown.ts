import type { ExplainedField, Explanation, WrittenOutput } from '../../../schemas/output/explanation.ts';
import {
  EXPLAINED_WORDS,
  fieldNotes,
  ownerWords,
  removedWords,
  sinceWords,
  writtenWords,
} from './explanation-words.ts';
import { describeField } from './field.ts';
import { code, fence, inline, table } from './markdown-text.ts';
import { printable } from './plain.ts';
import { whereOf } from './words.ts';

/** Characters of one value. */
const VALUE = 200;
/** Rows of a table, so that a comment stays within what forges take. */
const ROWS = 50;

/** What `weka-gitops explain` prints for a page or a comment. */
export function explanationMarkdown(explanation: Explanation): string {
  const { target, field, state, now, written, fields, owners, facts, related, waitsFor, toChange } =
    explanation;
  const name = field === undefined ? code(target) : `${code(target)} ${code(field)}`;
  const sections = [
    `### ${name}: ${EXPLAINED_WORDS[state]}`,
    `${inline(explanation.cluster, 200)} at ${code(whereOf(explanation))}`,
    now.map((each) => inline(each)).join('\n'),
    list('Asked for by', written.map(writtenItem)),
    list(
      'Its manifest was removed',
      removedWords(explanation).map((each) => inline(each)),
    ),
    fieldSection(fields),
    list(
      'Managed by',
      owners.map((each) => inline(ownerWords(each))),
    ),
    rows(
      'Facts',
      ['', ''],
      facts.map((fact) => [inline(fact.name), inline(fact.value)]),
    ),
    rows(
      'Belongs to it',
      ['', ''],
      related.map((each) => [code(each.target), inline(each.why)]),
    ),
    rows(
      'Waits for',
      ['', ''],
      waitsFor.map((each) => [code(each.target), inline(each.why)]),
    ),
    list(
      'What would change it',
      toChange.map((each) => inline(each)),
    ),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `**${title}**\n\n${limited(items.map((each) => `- ${each}`)).join('\n')}`;
}

function rows(title: string, head: readonly string[], cells: readonly (readonly string[])[]): string {
  if (cells.length === 0) return '';
  const more = cells.length - ROWS;
  return `**${title}**\n\n${table(head, cells.slice(0, ROWS))}${more > 0 ? `\n\n… and ${more} more` : ''}`;
}

function limited(items: readonly string[]): readonly string[] {
  const more = items.length - ROWS;
  return more > 0 ? [...items.slice(0, ROWS), `- … and ${more} more`] : items;
}

function writtenItem(written: WrittenOutput): string {
  const since = sinceWords(written);
  return `${code(writtenWords(written))}: ${inline(written.what)}${since === '' ? '' : `, ${inline(since)}`}`;
}

function fieldSection(fields: readonly ExplainedField[]): string {
  if (fields.length === 0) return '';
  const shown = fields.slice(0, ROWS).map((field) => {
    const text = describeField(field, VALUE);
    const value = 'diff' in text ? 'several lines' : values(field, text);
    const notes = fieldNotes(field).map((note) => `- ${inline(note)}`);
    const excerpts = field.written.flatMap(({ line, text: said }) =>
      said === undefined ? [] : [`${line} | ${printable(said)}`],
    );
    const diff =
      'diff' in text ? text.diff.map((each) => (each.mark === '…' ? '…' : `${each.mark} ${each.text}`)) : [];
    return [
      `${code(field.path)}: ${value}`,
      ...(diff.length === 0 ? [] : [fence(diff, 'diff')]),
      ...(excerpts.length === 0 ? [] : [fence(excerpts, 'yaml')]),
      [...field.written.map((each) => `- ${writtenItem(each)}`), ...notes].join('\n'),
    ]
      .filter(Boolean)
      .join('\n\n');
  });
  const more = fields.length - ROWS;
  return ['**Fields**', ...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n\n');
}

function values(
  { state }: ExplainedField,
  { from, to }: { readonly from: string; readonly to: string },
): string {
  if (state === 'differs') return `${code(from)} → ${code(to)}`;
  return code(state === 'same' ? to : from);
}
