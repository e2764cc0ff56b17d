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
import { columns, padded, wrapped } from './layout.ts';
import { type Page, pageOf } from './page.ts';
import { clip, printable, prose } from './plain.ts';
import { whereOf } from './words.ts';

/** Characters of one value. */
const VALUE = 400;
const INDENT = 2;
const DEEPER = 6;

/** What `weka-gitops explain` prints. */
export function explanationText(
  explanation: Explanation,
  style: { readonly colour: boolean; readonly width: number },
): string {
  const page = pageOf(style);
  const { target, field, state, now, written, fields, owners, facts, related, waitsFor, toChange } =
    explanation;
  const name = field === undefined ? prose(target, 500) : `${prose(target, 500)} ${prose(field, 300)}`;
  const sections: readonly (readonly string[])[] = [
    [
      ...wrapped(`${name}: ${EXPLAINED_WORDS[state]}`, page.width).map((line) => page.paint('bold', line)),
      page.paint('dim', `${prose(explanation.cluster, 200)} at ${whereOf(explanation)}`),
    ],
    now.flatMap((each) => lines(prose(each), INDENT, page)),
    section(
      'Asked for by',
      written.flatMap((each) => writtenLines(each, page)),
      page,
    ),
    section(
      'Its manifest was removed',
      removedWords(explanation).flatMap((each) => lines(each, INDENT, page)),
      page,
    ),
    section(
      'Fields',
      fields.flatMap((each) => fieldLines(each, page)),
      page,
    ),
    section(
      'Managed by',
      owners.flatMap((each) => lines(ownerWords(each), INDENT, page)),
      page,
    ),
    section('Facts', factLines(facts, page), page),
    section(
      'Belongs to it',
      related.flatMap((each) => relatedLines(each, page)),
      page,
    ),
    section(
      'Waits for',
      waitsFor.flatMap((each) => relatedLines(each, page)),
      page,
    ),
    section(
      'What would change it',
      toChange.flatMap((each) => item(prose(each), page)),
      page,
    ),
  ];
  return `${sections
    .filter((each) => each.length > 0)
    .map((each) => each.join('\n'))
    .join('\n\n')}\n`;
}

function section(title: string, below: readonly string[], { paint }: Page): readonly string[] {
  return below.length === 0 ? [] : [paint('bold', title), ...below];
}

function writtenLines(written: WrittenOutput, page: Page): readonly string[] {
  const { what, text } = written;
  const head = `${writtenWords(written)}  ${page.paint('dim', prose(what, 300))}`;
  return [`${' '.repeat(INDENT)}${head}`, ...lineAndCommit(written, text, page)];
}

function lineAndCommit(written: WrittenOutput, text: string | undefined, page: Page): readonly string[] {
  const since = sinceWords(written);
  return [
    ...(text === undefined
      ? []
      : [`${' '.repeat(DEEPER)}${clip(`${written.line} | ${printable(text)}`, page.width - DEEPER)}`]),
    ...(since === '' ? [] : lines(since, DEEPER, page)),
  ];
}

function fieldLines(field: ExplainedField, page: Page): readonly string[] {
  const text = describeField(field, VALUE);
  const path = `${' '.repeat(INDENT)}${page.paint('bold', text.path)}`;
  return [
    ...('diff' in text
      ? [
          path,
          ...text.diff.map(
            (each) => `${' '.repeat(DEEPER)}${each.mark === '…' ? '…' : `${each.mark} ${each.text}`}`,
          ),
        ]
      : valueLines(field, text, path, page)),
    ...field.written.flatMap((each) => [
      ...lines(
        field.written.length > 1 || each.what !== field.path
          ? `${writtenWords(each)}  ${prose(each.what, 300)}`
          : writtenWords(each),
        DEEPER,
        page,
      ),
      ...lineAndCommit(each, each.text, page),
    ]),
    ...fieldNotes(field).flatMap((each) => lines(each, DEEPER, page)),
  ];
}

function valueLines(
  { state }: ExplainedField,
  { from, to, path: name }: { readonly from: string; readonly to: string; readonly path: string },
  path: string,
  page: Page,
): readonly string[] {
  const value = state === 'differs' ? `${from} → ${to}` : state === 'same' ? to : from;
  const { width, paint } = page;
  const painted = state === 'differs' ? `${paint('red', from)} → ${paint('green', to)}` : value;
  if (INDENT + columns(name) + 2 + columns(value) <= width) return [`${path}  ${painted}`];
  return [path, ...lines(value, DEEPER, page)];
}

function factLines(facts: Explanation['facts'], page: Page): readonly string[] {
  const width = Math.max(0, ...facts.map(({ name }) => columns(name)));
  return facts.flatMap(({ name, value }) => {
    const [first = '', ...rest] = wrapped(prose(value), page.width - INDENT - width - 2);
    return [
      `${' '.repeat(INDENT)}${padded(prose(name, 60), width)}  ${first}`,
      ...rest.map((line) => `${' '.repeat(INDENT + width + 2)}${line}`),
    ];
  });
}

function relatedLines(
  { target, why }: { readonly target: string; readonly why: string },
  page: Page,
): readonly string[] {
  const one = `${prose(target, 300)}  ${prose(why)}`;
  if (INDENT + columns(one) <= page.width) return [`${' '.repeat(INDENT)}${one}`];
  return [...lines(prose(target, 300), INDENT, page), ...lines(prose(why), DEEPER, page)];
}

function item(text: string, page: Page): readonly string[] {
  return wrapped(text, page.width - INDENT - 2).map(
    (line, index) => `${' '.repeat(INDENT)}${index === 0 ? '- ' : '  '}${line}`,
  );
}

function lines(text: string, indent: number, { width }: Page): readonly string[] {
  return wrapped(text, width - indent).map((line) => `${' '.repeat(indent)}${line}`);
}
