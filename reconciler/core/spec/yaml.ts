import { Composer, Lexer, Parser, type CST, type Document } from 'yaml';
import { type Converted, Converter } from './convert.ts';
import type { TextProblem } from './problem.ts';
import type { SourceText } from './text.ts';
import { describeSyntaxError } from './yaml-errors.ts';

/** Hard limits on what one file may ask of us. */
const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_DOCUMENTS = 1000;
const MAX_ERRORS = 200;
/** Words, marks and line breaks. Manifests have one for every three characters or so, and never this many. */
const MAX_LEXEMES = 500_000;

/** One document of a file that holds something. */
export interface YamlDocument extends Converted {
  readonly problems: readonly TextProblem[];
  /** Whether it could not be read in whole: then its value is what could. */
  readonly broken: boolean;
  /** The part of the text that it was read from. */
  readonly range: readonly [start: number, end: number];
  /** Whether one place of the text may be part of several values. */
  readonly hasAliases: boolean;
}

/** The documents of a YAML or JSON file; `problems` are those that belong to none of them. */
export interface YamlFile {
  readonly documents: readonly YamlDocument[];
  readonly problems: readonly TextProblem[];
}

/** Reads YAML within hard limits: whatever the text is, this takes bounded time and stack, and never throws. */
export function readYaml(text: SourceText): YamlFile {
  if (Buffer.byteLength(text.text) > MAX_BYTES) {
    return refused(0, 'The file is larger than 1 MiB.', 'Split it into several files.');
  }
  const tokens: CST.Token[] = [];
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (++lexemes > MAX_LEXEMES) {
      return refused(parser.offset, 'The file holds too many values.', 'Split it into several files.');
    }
    // The document itself stands below the values.
    if (parser.stack.length > MAX_DEPTH + 2) {
      const hint = 'No manifest is nested this deeply; look for a row of brackets or dashes.';
      return refused(parser.offset, `Values are nested more than ${MAX_DEPTH} deep.`, hint);
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return compose(text, tokens);
}

function refused(offset: number, message: string, hint: string): YamlFile {
  return { documents: [], problems: [{ rule: 'yaml-limits', offset, message, hint }] };
}

function compose(text: SourceText, tokens: readonly CST.Token[]): YamlFile {
  const documents: YamlDocument[] = [];
  const problems: TextProblem[] = [];
  try {
    for (const parsed of boundedComposer().compose(tokens, false, text.text.length)) {
      const document = read(text, parsed);
      if (document.value === null && document.problems.length === 0) continue;
      if (documents.length === MAX_DOCUMENTS) {
        const message = `The file holds more than ${MAX_DOCUMENTS} documents; the rest is not read.`;
        const hint = 'Split it into several files.';
        problems.push({ rule: 'yaml-limits', offset: document.place.start, message, hint });
        break;
      }
      documents.push(document);
    }
  } catch (error) {
    if (!(error instanceof TooManyErrors)) throw error;
    const message = `The document has more than ${MAX_ERRORS} syntax errors; it and the rest are not read.`;
    problems.push({
      rule: 'yaml-syntax',
      offset: error.offset,
      message,
      hint: 'Look whether it is YAML at all.',
    });
  }
  return { documents, problems };
}

class TooManyErrors extends Error {
  readonly offset: number;

  constructor(offset: number) {
    super('Too many syntax errors');
    this.offset = offset;
  }
}

/** Scalars stay text here: what they mean is decided beside their source. Keys are compared by `Converter`. */
function boundedComposer(): Composer {
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, merge: false });
  // It collects every error of a document, and a megabyte of quotes has half a million. There is no option for this.
  const inner = composer as unknown as { onError: (source: unknown, ...rest: unknown[]) => void };
  const { onError } = inner;
  let errors = 0;
  let first: unknown;
  inner.onError = (source, ...rest) => {
    first ??= source;
    if (++errors > MAX_ERRORS) throw new TooManyErrors(offsetOf(first));
    onError(source, ...rest);
  };
  return composer;
}

function offsetOf(source: unknown): number {
  if (typeof source === 'number') return source;
  if (Array.isArray(source)) return Number(source[0]);
  const { offset } = source as { offset?: unknown };
  return typeof offset === 'number' ? offset : 0;
}

function read(text: SourceText, document: Document.Parsed): YamlDocument {
  const converter = new Converter(text);
  const converted = converter.convert(document.contents);
  const [error] = document.errors;
  const shared = {
    hasAliases: converter.hasAliases,
    range: [document.range[0], document.range[2]],
  } as const;
  if (error === undefined) return { ...converted, problems: converter.problems, broken: false, ...shared };
  // What follows a syntax error is read wrongly, so only the first fault is told.
  const problem = { ...describeSyntaxError(error, text.text), offset: error.pos[0] };
  return { ...converted, problems: [problem], broken: true, ...shared };
}
