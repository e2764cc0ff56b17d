import { oddCharacter } from './reader-differences.ts';
import type { Scalar } from './scalar.ts';
import { copied, type StringPool } from './string-pool.ts';

/** One document of plain YAML: a map, and the line that it begins in. */
export interface PlainDocument {
  readonly value: Readonly<Record<string, unknown>>;
  readonly line: number;
}

/** Within what `readYaml` takes, whose limits count in another way: bytes, of which a character has three at most. */
const MAX_LENGTH = 300 * 1024;
const MAX_LINES = 40_000;
const MAX_DEPTH = 20;
const MAX_DOCUMENTS = 1000;

/**
 * Reads the YAML that people and tools mostly write, many times faster than a whole YAML parser does: block maps and
 * lists, text and brackets in one line, and blocks that `|` or `>` begins. Whatever else there is, a fault or a doubt included,
 * makes it undefined, and is `readYaml`'s to read: the two never disagree about what this one gives.
 */
export function readPlainYaml(text: string, pool: StringPool): readonly PlainDocument[] | undefined {
  if (text.length > MAX_LENGTH || oddCharacter(text) !== undefined) return undefined;
  try {
    return new PlainReader(text, pool).documents();
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
}

/** Made once, since making an error with its stack takes longer than reading a file. */
const NOT_PLAIN = new Error('not plain YAML');

const NAME = /([A-Za-z0-9_][A-Za-z0-9_./-]{0,127}|"[^"\\]{0,127}"|'[^']{0,127}'):(?: +|(?=\n)|$)/y;
const SEPARATOR = /--- *(?:\n|$)/y;
const BLOCK = /([|>])(-?) *\n/y;
const DOUBLE_QUOTED = /"([^"\\\n\t]*(?:\\[nt"\\][^"\\\n\t]*)*)"/y;
const SINGLE_QUOTED = /'([^'\n]*(?:''[^'\n]*)*)'/y;
const REST = / *(?: #[^\n]*)?(?:\n|$)/y;

/** A word within brackets: of the others, readers of YAML see some in different ways. */
const WORD = /[A-Za-z0-9_/](?:[A-Za-z0-9_./-]|:(?=[A-Za-z0-9_/]))*(?= *[,:\]}])/y;
const COLON = / *: +/y;

class PlainReader {
  readonly #text: string;
  readonly #pool: StringPool;
  /** The next character to read. Between values it is the first one of a line that holds something. */
  #at = 0;
  /** How far the line at `#at` is indented; -1 at the end of a document. */
  #indent = 0;
  /** Where that line begins. */
  #start = 0;
  #line = 1;
  #depth = 0;

  constructor(text: string, pool: StringPool) {
    this.#text = text;
    this.#pool = pool;
  }

  documents(): readonly PlainDocument[] {
    const documents: PlainDocument[] = [];
    this.#toContent();
    for (;;) {
      if (this.#indent === 0) {
        const line = this.#line;
        documents.push({ value: this.#map(0), line });
      }
      // What is left of the document could not be read.
      if (this.#indent !== -1 || documents.length > MAX_DOCUMENTS) throw NOT_PLAIN;
      if (this.#at >= this.#text.length) return documents;
      this.#match(SEPARATOR);
      this.#line++;
      this.#toContent();
    }
  }

  /** From the beginning of a line to the next that holds something other than a comment. */
  #toContent(): void {
    const text = this.#text;
    for (let start = this.#at; ; this.#line++) {
      if (this.#line > MAX_LINES) throw NOT_PLAIN;
      let at = start;
      while (text.charCodeAt(at) === SPACE) at++;
      this.#at = at;
      this.#start = start;
      if (at >= text.length) {
        this.#indent = -1;
        return;
      }
      const code = text.charCodeAt(at);
      if (code === HASH) at = this.#lineEnd(at);
      else if (code !== NEWLINE) {
        const ends = at === start && (text.startsWith('---', at) || text.startsWith('...', at));
        this.#indent = ends ? -1 : at - start;
        return;
      }
      start = at + 1;
    }
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end === -1 ? this.#text.length : end;
  }

  /** What `pattern` finds at this place, which is read. */
  #match(pattern: RegExp): RegExpExecArray {
    const found = this.#find(pattern);
    if (found === null) throw NOT_PLAIN;
    return found;
  }

  #find(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  /** The map whose first name stands here, `column` characters from the beginning of the line. */
  #map(column: number): Readonly<Record<string, unknown>> {
    if (++this.#depth > MAX_DEPTH) throw NOT_PLAIN;
    const map: Record<string, unknown> = {};
    do {
      const name = this.#name();
      if (name === '__proto__' || Object.hasOwn(map, name)) throw NOT_PLAIN;
      map[name] = this.#value(column, true);
    } while (this.#indent === column);
    if (this.#indent > column) throw NOT_PLAIN;
    this.#depth--;
    return map;
  }

  #name(): string {
    const [, name = ''] = this.#match(NAME);
    const first = name.charCodeAt(0);
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      if (name.includes('\n')) throw NOT_PLAIN;
      return name.slice(1, -1);
    }
    if (typeof this.#pool.scalar(name) !== 'string') throw NOT_PLAIN;
    return name;
  }

  /** The list whose first dash stands here. */
  #list(column: number): readonly unknown[] {
    if (++this.#depth > MAX_DEPTH) throw NOT_PLAIN;
    const list: unknown[] = [];
    do {
      if (!this.#atDash()) {
        // The list stood as far to the left as the name that it belongs to, and another name follows.
        this.#depth--;
        return list;
      }
      this.#at++;
      while (this.#text.charCodeAt(this.#at) === SPACE) this.#at++;
      list.push(this.#element(column));
    } while (this.#indent === column);
    if (this.#indent > column) throw NOT_PLAIN;
    this.#depth--;
    return list;
  }

  #atDash(): boolean {
    if (this.#text.charCodeAt(this.#at) !== DASH) return false;
    const next = this.#text.charCodeAt(this.#at + 1);
    return next === SPACE || next === NEWLINE;
  }

  #element(column: number): unknown {
    if (this.#atDash()) throw NOT_PLAIN;
    NAME.lastIndex = this.#at;
    if (NAME.test(this.#text)) {
      const within = this.#at - this.#start;
      return this.#map(within);
    }
    return this.#value(column, false);
  }

  /** What stands after a name or a dash; `column` is where the map or list stands that it belongs to. */
  #value(column: number, named: boolean): unknown {
    const text = this.#text;
    switch (text.charCodeAt(this.#at)) {
      case NEWLINE:
      case HASH:
        return this.#below(column, named);
      case DOUBLE_QUOTE:
      case SINGLE_QUOTE: {
        const quoted = this.#quoted();
        this.#rest();
        return quoted;
      }
      case BAR:
      case GREATER:
        return this.#block(column);
      case BRACKET:
      case BRACE:
        return this.#collection();
      default:
        return Number.isNaN(text.charCodeAt(this.#at)) ? this.#below(column, named) : this.#plain();
    }
  }

  /** Goes to the next line that holds something; nothing but a comment may stand before. */
  #rest(): void {
    this.#match(REST);
    this.#line++;
    this.#toContent();
  }

  /** A map or list that begins in the lines below, or no value. */
  #below(column: number, named: boolean): unknown {
    // A comment right after a dash or colon has been read with its space.
    this.#at = this.#lineEnd(this.#at) + 1;
    this.#line++;
    this.#toContent();
    const within = this.#indent;
    if (within > column) {
      const first = this.#text.charCodeAt(this.#at);
      if (first === BRACKET || first === BRACE) return this.#collection();
      return this.#atDash() ? this.#list(within) : this.#map(within);
    }
    if (named && within === column && this.#atDash()) return this.#list(within);
    return null;
  }

  /** A map or list within brackets, in one line. */
  #collection(): unknown {
    const value = this.#inBrackets();
    this.#rest();
    return value;
  }

  #inBrackets(): unknown {
    if (++this.#depth > MAX_DEPTH) throw NOT_PLAIN;
    const isMap = this.#text.charCodeAt(this.#at++) === BRACE;
    const close = isMap ? CLOSING_BRACE : CLOSING_BRACKET;
    const list: unknown[] = [];
    const map: Record<string, unknown> = {};
    for (let next = this.#afterSpace(); next !== close; next = this.#afterSpace()) {
      if (list.length > 0 && (next !== COMMA || this.#pastComma() === close)) throw NOT_PLAIN;
      const first = this.#member();
      list.push(first);
      if (!isMap) continue;
      if (typeof first !== 'string' || first === '__proto__' || Object.hasOwn(map, first)) throw NOT_PLAIN;
      this.#match(COLON);
      map[first] = this.#member();
    }
    this.#at++;
    this.#depth--;
    return isMap ? map : list;
  }

  #afterSpace(): number {
    while (this.#text.charCodeAt(this.#at) === SPACE) this.#at++;
    return this.#text.charCodeAt(this.#at);
  }

  #pastComma(): number {
    this.#at++;
    return this.#afterSpace();
  }

  #member(): unknown {
    switch (this.#text.charCodeAt(this.#at)) {
      case BRACKET:
      case BRACE:
        return this.#inBrackets();
      case DOUBLE_QUOTE:
      case SINGLE_QUOTE:
        return this.#quoted();
      default: {
        const [word] = this.#match(WORD);
        const value = this.#pool.scalar(word);
        if (value === undefined) throw NOT_PLAIN;
        return value;
      }
    }
  }

  #quoted(): string {
    if (this.#text.charCodeAt(this.#at) === SINGLE_QUOTE) {
      const [, inner = ''] = this.#match(SINGLE_QUOTED);
      return this.#pool.own(inner.replaceAll("''", "'"));
    }
    const [quoted, inner = ''] = this.#match(DOUBLE_QUOTED);
    return this.#pool.own(inner.includes('\\') ? (JSON.parse(quoted) as string) : inner);
  }

  #plain(): Scalar {
    const end = this.#lineEnd(this.#at);
    let source = this.#text.slice(this.#at, end);
    const comment = source.indexOf(' #');
    if (comment !== -1) source = source.slice(0, comment);
    source = source.replace(/ +$/, '');
    if (!PLAIN.test(source) || source.includes(': ')) throw NOT_PLAIN;
    const value = this.#pool.scalar(source);
    if (value === undefined) throw NOT_PLAIN;
    this.#at = end + 1;
    this.#line++;
    this.#toContent();
    return value;
  }

  /** Text of several lines as they stand there. */
  #block(column: number): string {
    const [, style, strip] = this.#match(BLOCK);
    const text = this.#text;
    const lines: string[] = [];
    let deep = 0;
    /** Lines up to the last that is not empty. */
    let filled = 0;
    let start = this.#at;
    for (this.#line++; start < text.length; this.#line++) {
      let at = start;
      while (text.charCodeAt(at) === SPACE) at++;
      const end = this.#lineEnd(at);
      // Whether a text ends with a line break that its file does not have is a matter of taste.
      if (end === text.length) throw NOT_PLAIN;
      const indent = at - start;
      if (at === end) {
        if (deep === 0 || indent > deep) throw NOT_PLAIN;
        lines.push('\n');
      } else {
        if (indent <= column) break;
        if (deep === 0) {
          if (text.charCodeAt(at) === TAB) throw NOT_PLAIN;
          deep = indent;
        }
        if (indent < deep || (style === '>' && !isFlush(text.charCodeAt(start + deep)))) throw NOT_PLAIN;
        lines.push(text.slice(start + deep, end + 1));
        filled = lines.length;
      }
      start = end + 1;
    }
    if (deep === 0) throw NOT_PLAIN;
    this.#at = start;
    this.#toContent();
    lines.length = filled;
    if (strip === '-') lines.push((lines.pop() ?? '').slice(0, -1));
    if (style === '>') return copied(folded(lines));
    return lines.length === 1 ? copied(lines.join('')) : lines.join('');
  }
}

/** Lines that are indented further than their neighbours are not folded. */
function isFlush(code: number): boolean {
  return code !== SPACE && code !== TAB;
}

/** Lines become one, and empty lines between them line breaks. */
function folded(lines: readonly string[]): string {
  return lines.join('').replace(/\n(\n*)(?!$)/g, (_, more: string) => (more === '' ? ' ' : more));
}

/** Text that needs no quotes in a line of its own, in the characters that it begins with, holds and ends with. */
const PLAIN = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[^\s]))(?:[^\t]*[^\s:])?$/;

const TAB = 0x09;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const DOUBLE_QUOTE = 0x22;
const HASH = 0x23;
const SINGLE_QUOTE = 0x27;
const COMMA = 0x2c;
const DASH = 0x2d;
const GREATER = 0x3e;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BRACE = 0x7b;
const BAR = 0x7c;
const CLOSING_BRACE = 0x7d;
