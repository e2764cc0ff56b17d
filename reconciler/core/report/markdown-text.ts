import { prose } from './plain.ts';

// On a forge text can do more than look odd: it can mention people, close issues, load pictures, leave its table cell.
// So whatever is not plain prose stands in a code span, where forges do none of this.

/** What a word of prose may consist of without meaning anything in Markdown or to a forge. */
const PLAIN_WORD = /^[\p{L}\p{N}\p{M}.,:;'"“”‘’„()?!…–—→+=%/-]+$/u;
/** Plain characters that forges make links or pictures of all the same. */
const LIVE_WORD = /:\/\/|www\.|:([\w+-]*[A-Za-z+-][\w+-]*|100|1234):|\bgh-\d|^[-+=]+$|^\d+[.)]$|^--/iu;

/** Text of any origin as prose for one line, in a table or outside. */
export function inline(text: string, max = 600): string {
  const words = prose(text, max).split(' ');
  const parts: string[] = [];
  let odd: string[] = [];
  const flush = () => {
    if (odd.length > 0) parts.push(span(odd.join(' ')));
    odd = [];
  };
  for (const word of words) {
    if (PLAIN_WORD.test(word) && !LIVE_WORD.test(word)) {
      flush();
      parts.push(word);
    } else if (word !== '') {
      odd.push(word);
    }
  }
  flush();
  return parts.join(' ');
}

/** Text of any origin as code for one line, in a table or outside. */
export function code(text: string, max = 300): string {
  const shown = prose(text, max);
  return shown === '' ? '' : span(shown);
}

function span(text: string): string {
  // A table ends its cell at a bar even within code. Escaped it stays, unless it stands behind a backslash, where
  // renderers disagree; there it is shown as an escape.
  const cell = text.replace(/(\\*)\|/g, (_, before: string) => (before === '' ? '\\|' : `${before}\\u{7c}`));
  const mark = '`'.repeat(longestRun(cell) + 1);
  const pad = /^`|`$/.test(cell) ? ' ' : '';
  return `${mark}${pad}${cell}${pad}${mark}`;
}

/** Text of any origin as code that leads to `url`; code alone where there is no address of a page. */
export function codeLink(text: string, url: string | undefined): string {
  const shown = code(text);
  const address = url === undefined || shown === '' ? undefined : linkable(url);
  return address === undefined ? shown : `[${shown}](${address})`;
}

/** `url` as the target of a link, in a table or outside: nothing in it ends the link, the cell or the line. */
function linkable(url: string): string | undefined {
  if (!/^https?:\/\/[^\s/]/.test(url) || url.length > 4000) return undefined;
  // What no address may hold as it stands, and what Markdown reads otherwise.
  return url.replace(/[^\w\-.~:/?#@!$&'+,;=%]/gu, (character) =>
    // Half of a character is no text that could be escaped.
    character.isWellFormed()
      ? encodeURIComponent(character).replace(/[()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`)
      : '%EF%BF%BD',
  );
}

/** Lines of printable text as a block that nothing in them ends. */
export function fence(lines: readonly string[], language: string): string {
  const mark = '`'.repeat(Math.max(3, longestRun(lines.join('\n')) + 1));
  return [`${mark}${language}`, ...lines, mark].join('\n');
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
}

/** A table; its cells are safe Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** A part that the reader opens. */
export function folded(title: string, body: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;
}
