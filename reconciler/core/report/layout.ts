/** Columns that printable text takes on a terminal. */
export function columns(text: string): number {
  // Most text is ASCII, where each character takes one.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let sum = 0;
  for (const character of text) sum += columnsOf(character);
  return sum;
}

function columnsOf(character: string): number {
  if (/^\p{M}$/u.test(character)) return 0;
  return /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60]$/u.test(
    character,
  )
    ? 2
    : 1;
}

/** The beginning of `text` that fits into `width` columns, and the rest. */
export function splitAt(text: string, width: number): readonly [head: string, rest: string] {
  let used = 0;
  let at = 0;
  for (const character of text) {
    used += columnsOf(character);
    // One character at least, so that a caller that goes on with the rest comes to an end.
    if (used > width && at > 0) return [text.slice(0, at), text.slice(at)];
    at += character.length;
  }
  return [text, ''];
}

/** At most `width` columns, the last of them `…` where something is cut. */
export function fit(text: string, width: number): string {
  if (columns(text) <= width) return text;
  if (width < 1) return '';
  const [head] = splitAt(text, width - 1);
  return columns(head) < width ? `${head}…` : '…';
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)));
}

/** Printable prose in lines of `width` columns. A word that is longer is broken, so that nothing is lost. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columns(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (columns(line) > width) {
      const [head, rest] = splitAt(line, width);
      if (rest === '') break;
      lines.push(head);
      line = rest;
    }
  }
  return [...lines, line];
}
