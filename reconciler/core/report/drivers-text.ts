import type { DriverCellOutput, DriversOutput } from '../../../schemas/output/drivers.ts';
import {
  DRIVER_STATE_COLOURS,
  driverCells,
  driverColumns,
  driverNotes,
  driversUnread,
  driversWords,
  noteLines,
  omittedWords,
} from './drivers-words.ts';
import { columns, fit, padded, wrapped } from './layout.ts';
import type { Colour, Page } from './page.ts';
import { prose } from './plain.ts';
import { entryLines } from './terminal-change.ts';
import { bold } from './terminal-groups.ts';

const GAP = '  ';
/** A single cell takes no more. */
const CELL = 48;
/** Where what a compiler printed begins. */
const INDENT = ' '.repeat(8);

/** Drivers for a terminal: the builds as a table, and below it what there is to say of some. */
export function driversLines(drivers: DriversOutput, page: Page): readonly string[] {
  const unread = driversUnread(drivers);
  const omitted = omittedWords(drivers);
  const notes = driverNotes(drivers);
  return [
    ...bold(`Drivers: ${driversWords(drivers)}`, page),
    ...(unread === undefined ? [] : wrapped(unread, page.width)),
    ...tableLines(drivers, page),
    ...(notes.length > 0 && drivers.cells.length > 0 ? [''] : []),
    ...notes.flatMap((note) => [
      ...entryLines({ ...note, target: note.subject, notes: [note.state] }, noteLines(note), page),
      ...note.lines.map((line) =>
        page.paint('dim', INDENT + fit(prose(line, 300), page.width - INDENT.length)),
      ),
    ]),
    ...(omitted === undefined ? [] : wrapped(omitted, page.width)),
  ];
}

/** What gives way where the page is narrow all the same. */
const NARROWED = ['Nodes', 'Served by', 'Kernel', 'Version'] as const;

/** Nodes are named as far as there is room; notes name some of them again. */
function tableLines(drivers: DriversOutput, page: Page): readonly string[] {
  const { cells } = drivers;
  if (cells.length === 0) return [];
  const head = driverColumns(drivers);
  const tables = [3, 1, 0].map((names) => {
    const rows = cells.map((cell) => {
      const words = driverCells(cell, names);
      return { state: cell.state, cells: head.map((column) => prose(words[column], 300)) };
    });
    const widths = head.map((title, at) => widestOf(title, rows, at));
    return { rows, widths };
  });
  const { rows, widths } =
    tables.find((each) => whole(each.widths) <= page.width) ?? tables.at(-1) ?? NO_TABLE;
  for (const column of NARROWED) {
    const at = head.indexOf(column);
    if (at === -1) continue;
    widths[at] = Math.max(columns(column), (widths[at] ?? 0) - Math.max(0, whole(widths) - page.width));
  }
  if (whole(widths) > page.width) return cells.flatMap((cell) => cellLines(cell, page));
  const line = (words: readonly string[], colour: Colour | undefined) =>
    words
      .map((cell, at) => {
        const shown = padded(fit(cell, widths[at] ?? 0), widths[at] ?? 0);
        return colour !== undefined && head[at] === 'State' ? page.paint(colour, shown) : shown;
      })
      .join(GAP)
      .trimEnd();
  return [
    page.paint('bold', line(head, undefined)),
    ...rows.map(({ state, cells: words }) => line(words, DRIVER_STATE_COLOURS[state])),
  ];
}

/** A build where no table fits. */
function cellLines(cell: DriverCellOutput, { paint, width }: Page): readonly string[] {
  const { Version, Kernel, Nodes, State, Loaded } = driverCells(cell);
  const words = [State, ...(Loaded === '' ? [] : [`loaded on ${Loaded}`]), Nodes].join(', ');
  return [
    ...wrapped(prose(`${Version} for ${Kernel}`, 400), width).map((line) => paint('bold', line)),
    ...wrapped(prose(words, 400), width - INDENT.length).map((line) => INDENT + line),
  ];
}

const NO_TABLE = { rows: [], widths: [] };

function widestOf(title: string, rows: readonly { readonly cells: readonly string[] }[], at: number): number {
  const widest = rows.reduce((most, row) => Math.max(most, columns(row.cells[at] ?? '')), columns(title));
  return Math.min(CELL, widest);
}

function whole(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1);
}
