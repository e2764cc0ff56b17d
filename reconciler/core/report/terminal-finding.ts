import type { FindingOutput } from '../../../schemas/output/finding.ts';
import { columns, fit, wrapped } from './layout.ts';
import { LEVEL_COLOURS, type Page } from './page.ts';
import { printable, prose } from './plain.ts';

/** Characters of a source line that are looked at. */
const SOURCE = 10_000;
/** Columns that are shown from the caret on, if the line has them. */
const AFTER = 16;

/** A finding as compilers print it, so that editors and terminals make the place a link. */
export function findingLines(finding: FindingOutput, page: Page): string[] {
  const { level, rule, file, line, column, message, hint, excerpt } = finding;
  const { paint, width } = page;
  const place = `${prose(file, 500)}:${line}:${column}:`;
  const grade = paint(LEVEL_COLOURS[level], `${level}:`);
  const said = prose(message);
  const name = `[${prose(rule, 100)}]`;
  const fits = columns(`${place} ${level}: ${said} ${name}`) <= width;
  return [
    // The place is never broken, even where it is longer than the page: it is what one copies.
    ...(fits
      ? [`${place} ${grade} ${said} ${name}`]
      : [`${place} ${grade} ${name}`, ...indented(said, page)]),
    ...(excerpt === undefined ? [] : excerptLines(excerpt, line, page)),
    ...(hint === undefined ? [] : indented(`hint: ${prose(hint)}`, page)),
  ];
}

/** The line of the file with its number, and the caret below the place. */
export function excerptLines(excerpt: string, line: number, { paint, width }: Page): string[] {
  const all = excerpt.split('\n').slice(0, 20);
  const caretAt = all.findLastIndex((each) => /^\s*\^[\^~]*\s*$/.test(each));
  const texts = caretAt === -1 ? all.filter((each) => each !== '') : all.slice(0, caretAt);
  const gutter = `${line}`.length + 2;
  const room = width - gutter - 3;
  const caret = caretAt === -1 ? undefined : [...(all[caretAt] ?? '')].indexOf('^');
  return texts.flatMap((text, index) => {
    const last = index === texts.length - 1;
    const number = `${line - (texts.length - 1 - index)}`.padStart(gutter);
    const shown = aroundCaret(text, last ? caret : undefined, room);
    const head = `${paint('dim', `${number} |`)} ${shown.text}`.trimEnd();
    if (!last || shown.caret === undefined) return [head];
    return [
      head,
      `${paint('dim', `${' '.repeat(gutter)} |`)} ${' '.repeat(shown.caret)}${paint('red', '^')}`,
    ];
  });
}

/** What fits of a source line, with the place of the caret in columns; a long line is cut before the place. */
function aroundCaret(
  source: string,
  caret: number | undefined,
  room: number,
): { readonly text: string; readonly caret?: number } {
  const characters = Array.from(source.slice(0, SOURCE));
  if (caret === undefined || caret > characters.length)
    return { text: fit(printable(characters.join('')), room) };
  const from = (start: number) =>
    (start === 0 ? '' : '…') + printable(characters.slice(start, caret).join(''));
  let start = Math.max(0, caret - room);
  while (start < caret && columns(from(start)) > room - AFTER) start += 1;
  const lead = from(start);
  const rest = printable(characters.slice(caret, caret + room).join(''));
  return { text: fit(lead + rest, room), caret: columns(lead) };
}

function indented(text: string, { width }: Page): string[] {
  return wrapped(text, width - 2).map((line) => `  ${line}`);
}
