import { Composer, Lexer, Parser, type CST, type Document } from 'yaml';
import { type Converted, Converter } from './convert.ts';
import type { TextProblem } from './problem.ts';
import { oddCharacter, ReaderDifferences } from './reader-differences.ts';
import type { SourceText } from './text.ts';
import { describeSyntaxError } from './yaml-errors.ts';

/** Hard limits on what one file may ask of us. */
const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;
const MAX_DOCUMENTS = 1000;
/** Documents that hold nothing. */
const MAX_EMPTY = 10_000;
const MAX_ERRORS = 200;
/**
 * Words, marks and line breaks of one document, which take most of a kilobyte each while it is read. Manifests have one
 * for every three characters or so, and a Kubernetes object never has this many.
 */
const MAX_LEXEMES = 200_000;

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
  const odd = oddCharacter(text.text);
  if (odd !== undefined) return { documents: [], problems: [odd] };
  try {
    return new Reading(text).read();
  } catch (error) {
    if (error instanceof Refusal) return refused(error.offset, error.message, error.hint);
    throw error;
  }
}

function refused(offset: number, message: string, hint: string): YamlFile {
  return { documents: [], problems: [{ rule: 'yaml-limits', offset, message, hint }] };
}

/** A file that is not read at all. */
class Refusal extends Error {
  readonly offset: number;
  readonly hint: string;

  constructor(offset: number, message: string, hint: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

/** Reads one document after the other, so that the tokens of one are there at a time. */
class Reading {
  readonly #text: SourceText;
  readonly #composer = boundedComposer();
  readonly #differences: ReaderDifferences;
  readonly #documents: YamlDocument[] = [];
  readonly #problems: TextProblem[] = [];
  #empty = 0;

  constructor(text: SourceText) {
    this.#text = text;
    this.#differences = new ReaderDifferences(text.text);
  }

  read(): YamlFile {
    let errors = 0;
    let first = 0;
    try {
      for (const token of tokensOf(this.#text.text)) {
        if (token.type === 'error') {
          // The composer takes these without asking anybody, and a kilobyte for each.
          if (errors === 0) first = token.offset;
          if (++errors > MAX_ERRORS) throw new TooManyErrors(first);
        }
        this.#differences.add(token);
        if (!this.#take(this.#composer.next(token))) return this.#result();
      }
      this.#take(this.#composer.end(false, this.#text.text.length));
    } catch (error) {
      if (!(error instanceof TooManyErrors)) throw error;
      const message = `The document has more than ${MAX_ERRORS} syntax errors; it and the rest are not read.`;
      const hint = 'Look whether it is YAML at all.';
      this.#problems.push({ rule: 'yaml-syntax', offset: error.offset, message, hint });
    }
    return this.#result();
  }

  #result(): YamlFile {
    const others = this.#differences.takeBefore(Number.POSITIVE_INFINITY);
    return { documents: this.#documents, problems: [...this.#problems, ...others] };
  }

  /** Whether more documents may come. */
  #take(all: Iterable<Document.Parsed>): boolean {
    for (const parsed of all) {
      const [from, , to] = parsed.range;
      this.#problems.push(...this.#differences.takeBefore(from));
      const document = read(this.#text, parsed, this.#differences.takeBefore(to));
      const isEmpty = document.value === null && document.problems.length === 0;
      if (isEmpty && ++this.#empty <= MAX_EMPTY) continue;
      if (isEmpty || this.#documents.length === MAX_DOCUMENTS) {
        const most = isEmpty ? `${MAX_EMPTY} empty` : MAX_DOCUMENTS;
        const message = `The file holds more than ${most} documents; the rest is not read.`;
        const hint = 'Split it into several files.';
        this.#problems.push({ rule: 'yaml-limits', offset: from, message, hint });
        return false;
      }
      this.#documents.push(document);
    }
    return true;
  }
}

/** Whole documents, and what stands between them. */
function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes++;
    for (const token of parser.next(lexeme)) {
      yield token;
      lexemes = 0;
    }
    if (lexemes > MAX_LEXEMES) {
      const hint = 'Split it into several documents.';
      throw new Refusal(parser.offset, 'The document holds too many values.', hint);
    }
    // The document itself stands below the values.
    if (parser.stack.length > MAX_DEPTH + 2) {
      const hint = 'No manifest is nested this deeply; look for a row of brackets or dashes.';
      throw new Refusal(parser.offset, `Values are nested more than ${MAX_DEPTH} deep.`, hint);
    }
  }
  yield* parser.end();
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

function read(
  text: SourceText,
  document: Document.Parsed,
  differences: readonly TextProblem[],
): YamlDocument {
  const converter = new Converter(text);
  const converted = converter.convert(document.contents);
  const [error] = document.errors;
  const shared = {
    hasAliases: converter.hasAliases,
    range: [document.range[0], document.range[2]],
  } as const;
  if (error === undefined) {
    return { ...converted, problems: [...converter.problems, ...differences], broken: false, ...shared };
  }
  // What follows a syntax error is read wrongly, so only the first fault is told.
  const problem = { ...describeSyntaxError(error, text.text), offset: error.pos[0] };
  return { ...converted, problems: [problem], broken: true, ...shared };
}
