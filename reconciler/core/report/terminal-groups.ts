import type { Group, Section } from './groups.ts';
import { columns, fit, wrapped } from './layout.ts';
import type { Page } from './page.ts';
import { count, prose } from './plain.ts';
import { changeLines } from './terminal-change.ts';

/** Lines that belong together. */
export type Block = readonly string[];

/** Columns of the line behind the name of a section. */
const RULE = 100;

/** Characters that changes may still take. */
export interface Room {
  left: number;
}

/** A heading of any length. */
export function bold(text: string, { paint, width }: Page): string[] {
  return wrapped(text, width).map((line) => paint('bold', line));
}

/** The groups of a section, below its name and a line across the page. */
export function sectionBlocks({ title, groups }: Section, page: Page, room: Room): Block[] {
  const all = groups.map((group) => groupBlock(group, page, room));
  if (title === undefined) return all;
  const name = fit(prose(title, 300), page.width);
  const rule = '─'.repeat(Math.max(0, Math.min(page.width, RULE) - columns(name) - 1));
  return [[`${page.paint('bold', name)} ${page.paint('dim', rule)}`.trimEnd()], ...all];
}

/** A group below its heading; of what is too much to print, the count. */
export function groupBlock({ heading: title, changes }: Group, page: Page, room: Room): Block {
  const lines = bold(title, page);
  for (const [index, change] of changes.entries()) {
    if (room.left <= 0) {
      const more = `… and ${count(changes.length - index, 'more object')}: too much to print`;
      return [...lines, ...wrapped(more, page.width - 2).map((line) => `  ${line}`)];
    }
    const { reason: _said, ...silent } = change;
    // Of neighbours that have the same reason, the last one gives it for all.
    const told =
      change.reason !== undefined && changes[index + 1]?.reason === change.reason ? silent : change;
    for (const line of changeLines(told, page)) {
      lines.push(line);
      room.left -= line.length + 1;
    }
  }
  return lines;
}
