import type { CST } from 'yaml';
import type { TextProblem } from './problem.ts';

/**
 * What YAML 1.2 allows and the API server's parser, which kubectl shares, reads otherwise or not at all: told token by
 * token, so that not all of a file has to be held. Scalars are not looked at here: `plainScalar` compares what they mean.
 */
export class ReaderDifferences {
  readonly #text: string;
  /** To kubectl JSON is no YAML, so what only YAML readers disagree about is no doubt there. */
  readonly #isJson: boolean;
  readonly #found: TextProblem[] = [];
  #told = 0;
  #open = false;
  #first = true;

  constructor(text: string) {
    this.#text = text;
    this.#isJson = /^\s*\{/.test(text) && isJson(text);
    this.#tell(lines(text));
  }

  add(token: CST.Token): void {
    this.#tell(this.#afterEnd(token));
    this.#tell(values(this.#text, token));
  }

  /** Those before `end` that were not taken yet. */
  takeBefore(end: number): readonly TextProblem[] {
    const taken = this.#found.filter(({ offset }) => offset < end);
    const left = this.#found.filter(({ offset }) => offset >= end);
    this.#found.splice(0, this.#found.length, ...left);
    return taken;
  }

  #tell(problems: Iterable<TextProblem>): void {
    if (this.#isJson || this.#told >= MAX_FOUND) return;
    for (const problem of problems) {
      this.#found.push(problem);
      if (++this.#told >= MAX_FOUND) return;
    }
  }

  *#afterEnd(token: CST.Token): Generator<TextProblem> {
    if (token.type === 'doc-end') {
      if (!this.#open) yield afterEnd(token.offset);
      this.#open = false;
    } else if (token.type === 'document') {
      const isMarked = token.start.some(({ type }) => type === 'doc-start');
      if (!this.#first && !isMarked && token.value !== undefined) yield afterEnd(token.offset);
      this.#first = false;
      this.#open = token.value !== undefined;
    }
  }
}

/** A file with more of them is mended step by step. */
const MAX_FOUND = 100;

/** Characters that end a line, or the whole file, for one reader of YAML and not for another. */
const ODD = /\r(?!\n)|[\0-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/u;

/** A character that keeps the whole file from being read for certain. */
export function oddCharacter(text: string): TextProblem | undefined {
  const found = ODD.exec(text);
  if (found === null) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message =
    found[0] === '\r'
      ? 'A carriage return stands here without a line feed, which ends a line for some readers of YAML only.'
      : `The character U+${code} stands here, which readers of YAML take in different ways.`;
  const hint =
    found[0] === '\r'
      ? 'Save the file with the line ends of Unix or Windows.'
      : `Take it out, or write it as "\\u${code}" in double quotes.`;
  return { rule: 'yaml-syntax', offset: found.index, message, hint };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Lines that kubectl takes for something wherever they stand. */
function* lines(text: string): Generator<TextProblem> {
  for (const { 0: mark, index: offset } of text.matchAll(/^(?:%|---(?![ \t]*\r?$|[ \t]+#)|\.\.\.(?=\S))/gm)) {
    const [message, hint] =
      mark === '%'
        ? [
            'A line that begins with a percent sign is a directive to YAML, and none to kubectl.',
            'Leave it out, or put the text in quotes.',
          ]
        : [
            `Something follows ${mark} in its line, which kubectl does not take.`,
            'Let the document begin in the next line, or put the text in quotes.',
          ];
    yield { rule: 'yaml-syntax', offset, message, hint };
  }
}

function afterEnd(offset: number): TextProblem {
  return {
    rule: 'yaml-syntax',
    offset,
    message: 'Three dots end the document here, and the API server reads nothing after them.',
    hint: 'Separate documents by a line of three dashes.',
  };
}

function* values(text: string, token: CST.Token): Generator<TextProblem> {
  if (token.type === 'document') {
    yield* marks(text, token.start, false);
    if (token.value !== undefined) yield* inValue(text, token.value, false);
    yield* marks(text, token.end ?? [], false);
  } else if ('source' in token) yield* marks(text, [token as CST.SourceToken], false);
}

function* inValue(text: string, token: CST.Token, flow: boolean): Generator<TextProblem> {
  if (token.type === 'scalar') yield* plain(token, flow);
  else if (token.type === 'double-quoted-scalar') yield* quotes(token);
  else if (token.type === 'alias' && !NAME.test(token.source.slice(1))) yield anchorName(token.offset);
  else if (token.type === 'block-scalar') {
    yield* marks(text, token.props as CST.SourceToken[], flow);
    yield* block(text, token);
  } else if ('items' in token) {
    const within = flow || token.type === 'flow-collection';
    for (const { start, key, sep, value } of token.items as readonly CST.CollectionItem[]) {
      yield* marks(text, start, within);
      if (key) yield* inValue(text, key, within);
      if (within && key) yield* name(text, key, sep ?? []);
      yield* marks(text, sep ?? [], within);
      if (value !== undefined) yield* inValue(text, value, within);
    }
  }
  if ('end' in token) yield* marks(text, token.end ?? [], flow);
}

const NAME = /^[A-Za-z0-9_-]+$/;

/** Tags, anchors and white space. */
function* marks(text: string, tokens: readonly CST.SourceToken[], flow: boolean): Generator<TextProblem> {
  for (const { type, source, offset } of tokens) {
    if (type === 'anchor' && !NAME.test(source.slice(1))) yield anchorName(offset);
    else if (type === 'tag' && source === '!') {
      const message = 'A lone exclamation mark is read as a tag by some, and as nothing by others.';
      yield { rule: 'yaml-tag', offset, message, hint: 'Take it out, or put the text in quotes.' };
    } else if (type === 'space' && !flow && source.includes('\t') && indents(text, offset)) {
      yield {
        rule: 'yaml-syntax',
        offset: offset + source.indexOf('\t'),
        message: 'A tab stands in the indentation, where YAML takes only spaces.',
        hint: 'Replace the tab by spaces.',
      };
    }
  }
}

/** Whether white space says how deep a block stands: at the beginning of a line, and after a dash. */
function indents(text: string, offset: number): boolean {
  let before = offset - 1;
  while (text[before] === ' ' || text[before] === '\t') before--;
  return before < 0 || '\n-?'.includes(text[before] ?? '');
}

function anchorName(offset: number): TextProblem {
  const message = 'The name of this anchor has other characters than letters, digits, - and _.';
  return { rule: 'yaml-syntax', offset, message, hint: 'Give it a plain name, or put the text in quotes.' };
}

function* plain({ source, offset }: CST.FlowScalar, flow: boolean): Generator<TextProblem> {
  const tab = /\n *\t/.exec(source);
  if (tab !== null) {
    const message = 'A tab begins a line of this text, where readers of YAML disagree.';
    yield {
      rule: 'yaml-syntax',
      offset: offset + tab.index + 1,
      message,
      hint: 'Replace the tab by spaces.',
    };
  }
  const odd = flow ? /^:|\?/.exec(source) : null;
  if (odd === null) return;
  const message = `Within [ ] or { } readers of YAML disagree about text with ${odd[0]} in this place.`;
  yield { rule: 'ambiguous-scalar', offset: offset + odd.index, message, hint: 'Put the text in quotes.' };
}

/**
 * Within brackets `a:` is one word to the API server where no space follows, and a name that has no value in YAML 1.2; and
 * a name has to stand in one line.
 */
function* name(text: string, key: CST.Token, tokens: readonly CST.SourceToken[]): Generator<TextProblem> {
  const mark = tokens.find(({ type }) => type === 'map-value-ind');
  if (mark === undefined) return;
  if ('source' in key && key.source.includes('\n')) {
    const message = 'A name within { } goes over more than one line.';
    yield { rule: 'yaml-syntax', offset: key.offset, message, hint: 'Write the name in one line.' };
  } else if (key.type === 'scalar' && !/^(\s|$)/.test(text.slice(mark.offset + 1, mark.offset + 2))) {
    const message = 'Readers of YAML disagree whether this colon ends a name.';
    yield { rule: 'ambiguous-scalar', offset: mark.offset, message, hint: 'Put a space after the colon.' };
  }
}

function* quotes({ source, offset }: CST.FlowScalar): Generator<TextProblem> {
  for (const { 0: escape, index } of source.matchAll(/\\(?:u[0-9a-fA-F]{4}|.)/gs)) {
    if (escape !== '\\/' && !/^\\u[dD][89a-fA-F]/.test(escape)) continue;
    const message = 'The API server does not know this escape.';
    const hint = escape === '\\/' ? 'Write / without the backslash.' : 'Write the character itself.';
    yield { rule: 'yaml-syntax', offset: offset + index, message, hint };
    return;
  }
}

function* block(text: string, { source, props }: CST.BlockScalar): Generator<TextProblem> {
  const header = props.find(({ type }) => type === 'block-scalar-header');
  const explicit = header !== undefined && 'source' in header && /[1-9]/.test(header.source);
  const tab = /^(?: *\r?\n)* *\t/.exec(source);
  if (!explicit && tab !== null) {
    const message =
      'The first line of this text begins with a tab, which the API server takes for indentation.';
    const hint = 'Say how deep the text is indented, as in |2, or begin with another character.';
    yield { rule: 'yaml-syntax', offset: startOf(props) + tab[0].length - 1, message, hint };
  } else if (explicit && endsInSpaces(text, startOf(props), source)) {
    const message = 'Readers of YAML disagree about the spaces that this text ends with.';
    yield {
      rule: 'yaml-syntax',
      offset: header.offset,
      message,
      hint: 'Remove lines of spaces from its end.',
    };
  }
}

/** Where the text of a block begins: after its header and that line's end. */
function startOf(props: readonly CST.Token[]): number {
  const last = props.at(-1);
  return last === undefined ? 0 : last.offset + ('source' in last ? last.source.length : 0);
}

/** Whether lines of spaces follow the last word. */
function endsInSpaces(text: string, start: number, source: string): boolean {
  const words = source.trimEnd().length;
  const [white = ''] = /[ \r\n]*/y.exec(text.slice(start + words)) ?? [];
  const whole =
    start + words + white.length < text.length ? white.slice(0, white.lastIndexOf('\n') + 1) : white;
  return whole.includes(words === 0 ? ' ' : '\n ');
}
