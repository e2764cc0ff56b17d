/**
 * Makes text safe to print on one line of a terminal or a document. Specs, other field managers and API servers can
 * put anything into a name or a message: escape sequences that repaint a terminal, marks that reverse the reading
 * direction, invisible characters. Each becomes visible as an escape.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\p{DI}]/gu, escaped);
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Prose of any origin on one printable line: every run of white space becomes one space. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}

/** Prose of any origin and any length: one printable line of at most `max` characters. */
export function prose(text: string, max = 1000): string {
  // Escapes and white space only change what is left after the first cut, so a huge text costs little.
  return clip(oneLine(text.slice(0, 8 * max)), max);
}

/** At most `max` characters, the last of them `…` where something is cut. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  // A character takes two units at most, so that of a huge text only the beginning matters.
  const characters = Array.from(text.slice(0, 2 * max + 1));
  return characters.length <= max ? text : `${characters.slice(0, Math.max(0, max - 1)).join('')}…`;
}

/** The beginning of any text in printable characters, at most `max` of them; what is cut is never looked at. */
export function printableStart(text: string, max: number): string {
  return clip(printable(text.slice(0, 2 * max + 1)), max);
}

/** `1 object`, `3 objects`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** `2026-11-25 18:04:12 UTC`. */
export function timeWords(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}
