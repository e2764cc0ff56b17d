import { leadingMark, type Mark } from './mark.ts';
import { secretStart } from './secret-arguments.ts';
import { quotedAt } from './secret-assignments.ts';

/** What an element of a list holds, without its quotes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A list of texts within a text. */
interface List {
  readonly start: number;
  readonly items: readonly Span[];
}

/** What has to be in a text for a list of it to hold what makes the next element a secret. */
const HINT = /(?:^|[\s"'`,[])--?[A-Za-z]|=\\*["'`]?\s*(?:,|$)/m;

/**
 * `text` without what is a secret for what stands before it in a list of arguments: `["--password", "…"]`,
 * `args: [mysql, -p…]`, and the same line by line.
 */
export function hideInLists(text: string, mark: Mark): string {
  if (!HINT.test(text)) return text;
  const lists = [...flowLists(text), ...blockLists(text)].toSorted((a, b) => a.start - b.start);
  const found = lists.flatMap((list, index) => secretsIn(list, text, programOf(lists, index, text)));
  let shown = '';
  let done = 0;
  for (const { start, end } of found.toSorted((a, b) => a.start - b.start)) {
    if (start < done) continue;
    shown += text.slice(done, start) + mark(text.slice(start, end));
    done = end;
  }
  return shown + text.slice(done);
}

function secretsIn({ items }: List, text: string, program: readonly string[]): readonly Span[] {
  const before = [...program];
  return items.flatMap(({ start, end }) => {
    const value = text.slice(start, end);
    const at = secretStart(value, before);
    before.push(value);
    return at === undefined || leadingMark(value.slice(at)) !== '' ? [] : [{ start: start + at, end }];
  });
}

/** Further away it belongs to something else. */
const NEAR = 1000;

/** What the arguments of a container are given to: its `command`, which stands beside them. */
function programOf(lists: readonly List[], index: number, text: string): readonly string[] {
  const list = lists[index];
  if (list === undefined || keyOf(list, text) !== 'args') return [];
  const beside = [lists[index - 1], lists[index + 1]].find(
    (each) =>
      each !== undefined && Math.abs(each.start - list.start) < NEAR && keyOf(each, text) === 'command',
  );
  return beside?.items.map(({ start, end }) => text.slice(start, end)) ?? [];
}

function keyOf({ start }: List, text: string): string | undefined {
  return /(\w+)\\*["'`]?\s*:\s*$/.exec(text.slice(Math.max(0, start - 100), start))?.[1];
}

/** Longer elements are none of these. */
const LONGEST = 8192;

/** `[a, "b"]`, of whatever language, and however often it is quoted itself. */
function flowLists(text: string): readonly List[] {
  const lists: List[] = [];
  const blank = /(?:\s|\\+[nrt])*/y;
  const plain = /[^,[\]{}"'`\n\\]{1,8192}/y;
  const quote = /\\*["'`]/y;
  const skip = (pattern: RegExp, at: number): number => {
    pattern.lastIndex = at;
    return at + (pattern.exec(text)?.[0].length ?? 0);
  };
  for (let start = text.indexOf('['); start !== -1;) {
    const items: Span[] = [];
    let at = start;
    do {
      at = skip(blank, at + 1);
      const inQuotes = quotedAt(text.slice(at, at + LONGEST), 0);
      if (inQuotes !== undefined) {
        items.push({ start: at + inQuotes.start, end: at + inQuotes.end });
        at = skip(blank, skip(quote, at + inQuotes.end));
        continue;
      }
      const end = skip(plain, at);
      if (end === at) break;
      items.push({ start: at, end: at + text.slice(at, end).trimEnd().length });
      at = skip(blank, end);
    } while (text[at] === ',');
    lists.push({ start, items });
    start = text.indexOf('[', Math.max(at, start + 1));
  }
  return lists;
}

/** Elements of a list of YAML, each in a line of its own, with what goes on below it further in. */
function blockLists(text: string): readonly List[] {
  const lists: List[] = [];
  let open: { readonly indent: number; readonly items: Span[] } | undefined;
  const line = /^([ \t]*)(-[ \t]+)?([^\r\n]*)/gm;
  for (let found = line.exec(text); found !== null; found = line.exec(text)) {
    const [all, blanks = '', dash, rest = ''] = found;
    const { index } = found;
    if (line.lastIndex === index) line.lastIndex += 1;
    if (rest.trim() === '' || (dash === undefined && rest.startsWith('#'))) continue;
    const indent = blanks.length;
    if (dash !== undefined && !isField(rest)) {
      if (open?.indent !== indent) {
        open = { indent, items: [] };
        lists.push({ start: index, items: open.items });
      }
      open.items.push(contentAt(text, index + all.length - rest.length, index + all.length));
    } else if (open !== undefined && indent > open.indent && dash === undefined) {
      const { start, end } = open.items.pop() ?? { start: index, end: index };
      // A text that begins in the line below its sign.
      const isBelow = /^[|>][-+\d]*$/.test(text.slice(start, end));
      open.items.push({ start: isBelow ? index + indent : start, end: index + all.trimEnd().length });
    } else {
      open = undefined;
    }
  }
  return lists;
}

/** `name: …`, which is looked at by its own name. */
function isField(rest: string): boolean {
  return /^["']?[\w./-]+["']?\s*:(?:\s|$)/.test(rest);
}

function contentAt(text: string, start: number, end: number): Span {
  const rest = text.slice(start, end);
  const quoted = quotedAt(rest.slice(0, LONGEST), 0);
  if (quoted !== undefined) return { start: start + quoted.start, end: start + quoted.end };
  // A comment ends it, and a mark is none.
  return { start, end: start + rest.replace(/\s+#(?![0-9a-f]{8}\)).*$/, '').trimEnd().length };
}
