import { isUtf8 } from 'node:buffer';
import { clip, printable } from '../report/plain.ts';
import type { Position, SourceFile } from './source.ts';

/** Characters of a line that an excerpt shows at most. */
const WIDTH = 120;

/** Before a value: its name alone, with what may lead to it in its line. */
const KEY_BEFORE = /^[\s-]*(?:"[^"\\]*"|'[^']*'|[^\s"'{}[\],:#&*!|>%@`]+)\s*:\s+$/;
/** A name at a place. */
const KEY_AFTER = /^(?:"[^"\\]*"|'[^']*'|[^\s"'{}[\],:#&*!|>%@`]+)(?=\s*:(?:\s|$))/;
const NO_WORD = /^[\s-]*$/;
/** Before the first name of a map in braces: the name of the map, and nothing that could be a value. */
const MAP_BEFORE = /^[\s-]*[\w.-]+:\s+\{\s*$/;

interface Lines {
  readonly starts: readonly number[];
  /** Whether a character may take two places of the string. */
  readonly wide: boolean;
}

/** The text of one file, which knows where its lines begin. */
export class SourceText {
  readonly file: string;
  readonly text: string;
  /** Worked out when the first place is asked for, which it seldom is. */
  #lines: Lines | undefined;
  /** A place whose column is known: counting goes on from it, since most places are asked for in their order. */
  #last = { start: 0, offset: 0, column: 1 };

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** Where lines begin. */
  get #starts(): readonly number[] {
    return this.#known().starts;
  }

  #known(): Lines {
    if (this.#lines !== undefined) return this.#lines;
    const { text } = this;
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#lines = { starts, wide: /[\uD800-\uDFFF]/.test(text) };
    return this.#lines;
  }

  /** The place of a character. An offset beyond the end stands for the end. */
  position(offset: number): Position {
    const within = Math.max(0, Math.min(offset, this.text.length));
    const line = this.lineAt(within);
    const start = this.#starts[line - 1] ?? 0;
    if (!this.#known().wide) return { line, column: within - start + 1 };
    const last = this.#last;
    const from = last.start === start && last.offset <= within ? last : { offset: start, column: 1 };
    const column = from.column + characters(this.text.slice(from.offset, within));
    this.#last = { start, offset: within, column };
    return { line, column };
  }

  /** The line and a caret below the place. A long line is cut on both sides of it. */
  excerpt({ line, column }: Position): string {
    const start = this.#starts[line - 1] ?? 0;
    // Only what may be shown is looked at: a line may be a megabyte long.
    const end = Math.min(this.#starts[line] ?? this.text.length, start + column * 2 + 2 * WIDTH);
    const whole = [
      ...this.text
        .slice(start, end)
        .replace(/\r?\n$/, '')
        .replaceAll('\t', ' '),
    ];
    const from = column <= WIDTH - 20 ? 0 : column - WIDTH / 2;
    const shown = whole.slice(from, from + WIDTH).map(visible);
    const more = end < (this.#starts[line] ?? this.text.length) || whole.length > from + WIDTH;
    const before = from > 0 ? '…' : '';
    return `${before}${shown.join('')}${more ? '…' : ''}\n${' '.repeat(before.length + column - 1 - from)}^`;
  }

  /**
   * The line without the value at a place, which may be secret: the name that stands before it, or at it, is all that is
   * shown. The place has to be that of a value or of a name.
   */
  keyExcerpt({ line, column }: Position): string {
    const start = this.#starts[line - 1] ?? 0;
    const end = this.#starts[line] ?? this.text.length;
    const [before, after] = this.#parts(start, end, column);
    const key = NO_WORD.test(before) || MAP_BEFORE.test(before) ? KEY_AFTER.exec(after)?.[0] : undefined;
    if (key !== undefined) return `${shownPart(before + key)}: …\n${' '.repeat(column - 1)}^`;
    if (KEY_BEFORE.test(before)) return `${shownPart(before)}…\n${' '.repeat(column - 1)}^`;
    return this.coveredExcerpt({ line, column });
  }

  /** The line of which nothing may be shown, with the caret where it begins. */
  coveredExcerpt({ line }: Position): string {
    const start = this.#starts[line - 1] ?? 0;
    const [indent = ''] = /^ {0,99}/.exec(this.text.slice(start, start + WIDTH)) ?? [];
    return `${indent}…\n${indent}^`;
  }

  /** What stands before and after a place of a line, as far as an excerpt shows it. */
  #parts(start: number, end: number, column: number): readonly [before: string, after: string] {
    if (column > WIDTH) return ['', ''];
    const characters = [...this.text.slice(start, Math.min(end, start + 4 * WIDTH)).replace(/\r?\n$/, '')];
    const at = column - 1;
    return [characters.slice(0, at).join(''), characters.slice(at, at + WIDTH).join('')];
  }

  /** The line of a character, 1-based. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }
}

function shownPart(text: string): string {
  return [...text.replaceAll('\t', ' ')].map(visible).join('');
}

function characters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** One column for one character, whatever it does to a terminal. */
function visible(character: string): string {
  return printable(character) === character ? character : '·';
}

/** `text` from a manifest as a message may hold it. */
export function quoted(text: string): string {
  return `"${clip(printable(text), 60)}"`;
}

/** The file as text, or where and why it is none. */
export type Decoded =
  | { readonly text: SourceText }
  | { readonly position: Position; readonly message: string; readonly hint: string };

export function decode({ path, content }: SourceFile): Decoded {
  const start = { line: 1, column: 1 };
  const [first, second] = content;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { position: start, message: 'The file is UTF-16, not UTF-8.', hint: 'Save it as UTF-8.' };
  }
  if (!isUtf8(content)) {
    return {
      position: firstBadByte(content),
      message: 'The file is not valid UTF-8 here.',
      hint: 'Save it as UTF-8; a binary file does not belong among manifests.',
    };
  }
  const text = new SourceText(path, UTF8.decode(content));
  const nul = text.text.indexOf('\0');
  if (nul === -1) return { text };
  return {
    position: text.position(nul),
    message: 'The file holds a NUL character.',
    hint: 'Save it as UTF-8 text; a binary file does not belong among manifests.',
  };
}

/** It takes away the mark that a file may begin with. */
const UTF8 = new TextDecoder();

function firstBadByte(content: Uint8Array): Position {
  let line = 1;
  for (let start = 0; ; line++) {
    const newline = content.indexOf(0x0a, start);
    const bytes = content.subarray(start, newline === -1 ? undefined : newline);
    if (newline === -1 || !isUtf8(bytes)) {
      const at = UTF8.decode(bytes).indexOf('\uFFFD');
      return { line, column: Math.max(0, at) + 1 };
    }
    start = newline + 1;
  }
}
