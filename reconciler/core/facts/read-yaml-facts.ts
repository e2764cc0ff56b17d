import { type Document, parseDocument } from 'yaml';
import type { Fail, FactsDocument } from './facts-document.ts';

/**
 * YAML documents as kubectl prints them. The items of a List are read one by one, since the parser's memory grows with
 * what it reads at once: what begins a line with `- ` is an item, for all that it holds is indented.
 */
export function* readYamlFacts(text: string, fail: Fail): Generator<FactsDocument> {
  for (const { text: part, line } of split(text, /^---.*$/gm)) {
    const items = /^items:[ \t]*\r?$/m.exec(part);
    if (items === null || !/^- /m.test(part.slice(items.index))) {
      const value = read(part, line, fail);
      if (value !== null && value !== undefined) yield { value, line };
      continue;
    }
    const from = items.index + items[0].length + 1;
    const end = /^[A-Za-z]/m.exec(part.slice(from));
    const to = end === null ? part.length : from + end.index;
    const head = read(`${part.slice(0, items.index)}${part.slice(to)}`, line, fail);
    const values: unknown[] = [];
    const start = line + newlines(part.slice(0, from));
    for (const each of split(part.slice(from, to), /^-(?= )/gm)) {
      if (each.text.trim() !== '') values.push(read(` ${each.text}`, start + each.line - 1, fail));
    }
    yield { value: { ...(head as object | null), items: values }, line };
  }
}

interface Part {
  readonly text: string;
  /** Of its first line. */
  readonly line: number;
}

/** The parts of `text` between what `separator` matches. */
function* split(text: string, separator: RegExp): Generator<Part> {
  let from = 0;
  let line = 1;
  for (const { index, 0: found } of text.matchAll(separator)) {
    const part = text.slice(from, index);
    yield { text: part, line };
    line += newlines(part);
    from = index + found.length;
  }
  yield { text: text.slice(from), line };
}

function read(text: string, line: number, fail: Fail): unknown {
  const document = parsed(text);
  if (document === undefined)
    return fail({ line, column: 1 }, 'This is nested more deeply than any object is.');
  const [error] = document.errors;
  if (error !== undefined) {
    const { line: within, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
    const at = { line: line + within - 1, column: col };
    return fail(at, 'This is no YAML: the file is cut off, or was changed.');
  }
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown;
  } catch {
    return fail({ line, column: 1 }, 'kubectl prints no aliases of YAML, and none are read.');
  }
}

function parsed(text: string): Document | undefined {
  try {
    return parseDocument(text, { schema: 'core', logLevel: 'silent', uniqueKeys: false });
  } catch (error) {
    // Nothing else is thrown than the end of the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function newlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
