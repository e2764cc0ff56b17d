import { leadingMark, type Mark } from './mark.ts';
import { isSecretName } from './secret-names.ts';

/** `content`: what a field holds, line by line. `sentence`: what somebody says, where a colon leads to prose. */
export type TextKind = 'content' | 'sentence';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Characters before a separator in which a name is looked for. */
const NAME_ROOM = 120;

/** `text` without the values of names that look like a secret's: `token=…`, `"password": "…"`, `--password …`, `password: …`. */
export function hideAssigned(text: string, mark: Mark, kind: TextKind): string {
  let shown = '';
  let done = 0;
  const separators = /[:=]|(?<=--?[\w.-]{2,80})[ \t]+(?=[^\s-])|<\/?(?=[\w.-]{1,100}>)/g;
  for (let found = separators.exec(text); found !== null; found = separators.exec(text)) {
    const at = found.index;
    if (at < done) continue;
    const span = spanAt(text, found[0], at, done, kind);
    if (span === undefined || isMarked(text, span) || isHarmless(text.slice(span.start, span.end))) continue;
    shown += text.slice(done, span.start) + mark(text.slice(span.start, span.end));
    done = span.end;
    separators.lastIndex = done;
  }
  return shown + text.slice(done);
}

/** Where the value stands that the separator at `at` leads to; undefined where it is nothing secret. */
function spanAt(text: string, separator: string, at: number, done: number, kind: TextKind): Span | undefined {
  if (separator === '<') return elementAt(text, at);
  if (separator.startsWith('<')) return undefined;
  const before = text.slice(Math.max(done, at - NAME_ROOM), at);
  const name = /(?:^|[^\w.-])(?:\\*["'`])?([\w.-]+)(?:\\*["'`])?[\])]?[ \t]*$/.exec(before)?.[1];
  if (name === undefined) return undefined;
  if (/^[ \t]/.test(separator)) {
    // As an option it is followed by a path.
    if (!/^--?[A-Za-z]/.test(name) || name === '--kubeconfig' || !isSecretName(name)) return undefined;
    return quotedAt(text, at + separator.length) ?? wordAt(text, at + separator.length);
  }
  // The name of an entry of a list stands a line above its value: `name: PASSWORD`, `value: …`.
  const called = /^(?:- )?value$/.test(name) ? nameAbove(text, at) : name;
  if (called === undefined) return undefined;
  const span = called === 'auth' || isSecretName(called) ? valueAt(text, at, separator, kind) : undefined;
  return span !== undefined && called === 'auth' && !isLogin(text.slice(span.start, span.end))
    ? undefined
    : span;
}

/** `<password>…</password>`. */
function elementAt(text: string, at: number): Span | undefined {
  const name = /^<([\w.-]{1,100})>/.exec(text.slice(at, at + NAME_ROOM))?.[1];
  if (name === undefined || !isSecretName(name)) return undefined;
  const start = at + name.length + 2;
  const end = text.indexOf('<', start);
  return { start, end: end === -1 ? text.length : end };
}

function nameAbove(text: string, at: number): string | undefined {
  const lines = text.slice(Math.max(0, at - 400), at).split('\n');
  const above = lines.at(-2) ?? lines.at(-1) ?? '';
  const same = lines.at(-1) ?? '';
  const found =
    /["']?\b(?:name|key)["']?\s*:\s*["']?([\w.-]{1,100})["']?\s*,\s*["']?value["']?\s*$/.exec(same) ??
    /["']?\b(?:name|key)["']?\s*:\s*["']?([\w.-]{1,100})["']?\s*,?\s*$/.exec(above);
  return found?.[1];
}

function valueAt(text: string, at: number, separator: string, kind: TextKind): Span | undefined {
  let start = at + 1;
  while (/[=>~]/.test(text[start] ?? '')) start += 1;
  while (text[start] === ' ' || text[start] === '\t') start += 1;
  const quoted = quotedAt(text, start);
  if (quoted !== undefined) return quoted;
  if (kind === 'sentence') return separator === '=' ? wordAt(text, start) : undefined;
  const lineStart = text.lastIndexOf('\n', at) + 1;
  const lineEnd = endOfLine(text, start);
  const rest = text.slice(start, lineEnd);
  if (/^[|>][-+\d]*\s*(?:#.*)?$/.test(rest)) return belowLine(text, lineStart, lineEnd, () => true);
  if (rest.trim() === '' || rest.trim().startsWith('#'))
    return separator === ':' ? belowLine(text, lineStart, lineEnd, isPlainLine) : undefined;
  const lead = text.slice(lineStart, at);
  // A name that begins its line owns the rest of it.
  const ownsLine = /^[\s\-#;/*>]*(?:(?:export|set|ENV|ARG)\s+)?\\*["']?[A-Za-z_.][\w.-]*\\*["']?\s*$/.test(
    lead,
  );
  if (!ownsLine || /^\s*--?[A-Za-z]/.test(lead)) return wordAt(text, start);
  return { start, end: start + rest.trimEnd().length };
}

/** What stands in quotes at `start`, whichever they are and however often they are escaped. */
export function quotedAt(text: string, start: number): Span | undefined {
  const open = /^(\\*)(["'`])/.exec(text.slice(start, start + 20));
  if (open === null) return undefined;
  const [all, escapes = '', quote = '"'] = open;
  const from = start + all.length;
  for (let end = text.indexOf(quote, from); end !== -1; end = text.indexOf(quote, end + 1)) {
    // In YAML, SQL and shells a quote of this kind is doubled to stand for itself.
    if (quote === "'" && escapes === '' && text[end + 1] === quote) {
      end += 1;
      continue;
    }
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\' && end - slashes > from) slashes += 1;
    const isClosed =
      escapes === '' ? quote !== '"' || slashes % 2 === 0 : slashes <= escapes.length && slashes % 2 === 1;
    if (isClosed) return { start: from, end: end - (escapes === '' ? 0 : slashes) };
  }
  return { start: from, end: endOfLine(text, from) };
}

function wordAt(text: string, start: number): Span {
  const length = text.slice(start, start + 8192).search(/[\s"'`<>]/);
  return { start, end: length === -1 ? Math.min(text.length, start + 8192) : start + length };
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

/** The lines below that are further in and fit, as far as they go on. */
function belowLine(
  text: string,
  lineStart: number,
  lineEnd: number,
  fits: (line: string) => boolean,
): Span | undefined {
  const indent = indentOf(text.slice(lineStart, lineEnd));
  let end = lineEnd;
  while (end < text.length) {
    const next = endOfLine(text, end + 1);
    const line = text.slice(end + 1, next);
    if (line.trim() !== '' && (indentOf(line) <= indent || !fits(line))) break;
    end = next;
  }
  const body = text.slice(lineEnd, end).trimEnd();
  const lead = body.length - body.trimStart().length;
  return body.trim() === '' ? undefined : { start: lineEnd + lead, end: lineEnd + body.length };
}

function indentOf(line: string): number {
  return /^[\s-]*/.exec(line)?.[0].length ?? 0;
}

/** Neither a field of its own, nor an entry with fields: those are looked at by their own names. */
function isPlainLine(line: string): boolean {
  return !/^\s*(?:- )?["']?[\w./-]+["']?\s*:(?:\s|$)/.test(line);
}

/** What stands before the credentials in a header `Authorization`. */
export const AUTH_SCHEME =
  '(?:bearer|basic|token|api-?key|key|digest|negotiate|ntlm|oauth|hmac|signature|genie-?key|splunk|aws4-hmac-sha256|scram-sha-\\d+)';
const SCHEME = new RegExp(`^${AUTH_SCHEME}\\s+`, 'i');

/** Whether there is nothing but a mark already. */
function isMarked(text: string, { start, end }: Span): boolean {
  const from = start + (SCHEME.exec(text.slice(start, start + 30))?.[0].length ?? 0);
  const mark = leadingMark(text.slice(from, from + 40));
  return mark !== '' && /^["'`,;)\]}\s]*$/.test(text.slice(from + mark.length, end));
}

/** What is nothing to hide: nothing at all, a switch, or where the value comes from. */
export function isHarmless(value: string): boolean {
  const word = value.trim().replace(/[,;]$/, '');
  return word === '' || /^(?:true|false|null|none|yes|no|\{\}|\[\]|\{|\[)$/i.test(word) || isReference(word);
}

/** Whether it is the Base64 of `USER:PASSWORD`. */
export function isLogin(token: string): boolean {
  return (
    /^[A-Za-z0-9+/]{4,}={0,2}$/.test(token) &&
    /^[\x20-\x7E]*:[\x20-\x7E]*$/.test(Buffer.from(token, 'base64').toString('latin1'))
  );
}

/** `$(NAME)`, `${NAME}`, `{{ name }}`, `<name>`: where a value comes from, and not the value. */
export function isReference(text: string): boolean {
  return /^(?:\$\([\w.-]*\)|\$\{[\w.:-]*\}|\$[A-Z_][A-Z0-9_]*|\{\{[^{}]*\}\}|<[\w .-]*>)$/.test(text);
}
