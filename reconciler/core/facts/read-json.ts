import type { Fail, FactsDocument } from './facts-document.ts';

/** Documents of JSON that may follow each other. */
const MAX_DOCUMENTS = 100;

/** JSON documents, one after another as several runs of kubectl print them. */
export function readJson(text: string, fail: Fail): readonly FactsDocument[] {
  const documents: FactsDocument[] = [];
  let from = 0;
  while (/\S/.test(text.slice(from, from + 1000)) && documents.length < MAX_DOCUMENTS) {
    const rest = from === 0 ? text : text.slice(from);
    const line = 1 + linesIn(text, from) + leadingLines(rest);
    const { value, length } = readOne(rest, (offset, what) => fail(placeOf(text, from + offset), what));
    documents.push({ value, line });
    from += length;
  }
  return documents;
}

/** The first document of `text`, and how long it is. */
function readOne(
  text: string,
  fail: (offset: number, what: string) => never,
): { readonly value: unknown; readonly length: number } {
  try {
    return { value: JSON.parse(text), length: text.length };
  } catch (error) {
    const { message } = error as SyntaxError;
    const offset = offsetOf(message, text);
    if (text.slice(offset).trim() === '')
      return fail(offset, 'The JSON ends too early: the file is cut off.');
    if (message.startsWith('Unterminated string')) {
      return fail(offset, 'A text has no end: the file is cut off, or was changed.');
    }
    if (!message.includes('after JSON'))
      return fail(offset, 'This is no JSON: the file is cut off, or was changed.');
    return { value: JSON.parse(text.slice(0, offset)), length: offset };
  }
}

/** Where the engine stopped reading. It does not say so of a word that it does not know, which is looked for. */
function offsetOf(message: string, text: string): number {
  const found = /at position (\d+)/.exec(message)?.[1];
  if (found !== undefined) return Number(found);
  if (!message.startsWith('Unexpected token')) return text.trimEnd().length;
  const word = /\s*(?:[{}[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null)/y;
  let offset = 0;
  while (word.test(text)) offset = word.lastIndex;
  const rest = text.slice(offset);
  // All words are known and one is out of place: nobody says which.
  return rest.trim() === '' ? 0 : offset + rest.length - rest.trimStart().length;
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  return { line: 1 + linesIn(text, offset), column: offset - text.lastIndexOf('\n', offset - 1) };
}

function linesIn(text: string, until: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < until; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

function leadingLines(text: string): number {
  return (/^\s*/.exec(text)?.[0] ?? '').split('\n').length - 1;
}
