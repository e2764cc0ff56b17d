import type { DriversOutput } from '../../../schemas/output/drivers.ts';
import {
  type DriverNote,
  driverCells,
  driverColumns,
  driverNotes,
  driversUnread,
  driversWords,
  noteLines,
  omittedWords,
} from './drivers-words.ts';
import { type Room, rowsOf } from './markdown-room.ts';
import { code, fence, folded, inline, table } from './markdown-text.ts';
import { LEFT_OUT } from './markdown-values.ts';
import { count, prose } from './plain.ts';

/** Rows that stand open; a longer table is folded. */
const OPEN = 12;
/** Columns with names that somebody may want to copy. */
const CODE: ReadonlySet<string> = new Set(['Version', 'Kernel', 'Served by']);
/** Notes of which there are as many as rows of the table, but for these at least. */
const NOTES = 5;

/** The builds as a table, and below it what there is to say of some; empty where nobody asks for drivers. */
export function driversSection(drivers: DriversOutput | undefined, room: Room, lock?: string): string {
  if (drivers === undefined) return '';
  const heading = `#### Drivers: ${driversWords(drivers)}`;
  const head = driverColumns(drivers);
  const cells = rowsOf(drivers.cells, room.rows, room, (cell) => {
    const words = driverCells(cell);
    return head.map((column) => (CODE.has(column) ? code(words[column], 200) : inline(words[column], 400)));
  });
  if (cells.length < drivers.cells.length) room.cut.add('drivers');
  if (room.rows === 0) return heading;
  const more = drivers.cells.length - cells.length;
  const rows = [cells.length === 0 ? '' : table(head, cells), more > 0 ? `${LEFT_OUT}${more} more.` : '']
    .filter(Boolean)
    .join('\n\n');
  const unread = driversUnread(drivers);
  return [
    heading,
    unread === undefined ? '' : inline(unread),
    cells.length > OPEN ? folded(`Show ${cells.length} of ${drivers.cells.length}`, rows) : rows,
    notesOf(drivers, room),
    omittedWords(drivers) ?? '',
    lock === undefined ? '' : `${count(drivers.pinned, 'package')} pinned by SHA-256: [${lock}](${lock}).`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

function notesOf(drivers: DriversOutput, room: Room): string {
  const notes = driverNotes(drivers);
  if (notes.length === 0) return '';
  const shown = notes.slice(0, Math.max(NOTES, room.rows));
  if (shown.length < notes.length) room.cut.add('drivers');
  const more = notes.length - shown.length;
  const rows = shown.map((note) => [
    code(note.subject, 400),
    inline(note.state),
    noteLines(note)
      .map((each) => inline(each))
      .join('<br>'),
  ]);
  return [
    table(['Where', 'State', 'What is in the way'], rows),
    more > 0 ? `${LEFT_OUT}${more} more.` : '',
    lastLines(shown, room),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** What compilers printed, as far as there is room. */
function lastLines(notes: readonly DriverNote[], room: Room): string {
  const parts: string[] = [];
  for (const { subject, lines } of notes) {
    if (lines.length === 0) continue;
    const printed = lines.map((line) => prose(line, 300));
    const part = `${code(subject, 400)}\n\n${fence(printed, 'text')}`;
    room.left -= part.length;
    if (room.left >= 0) parts.push(part);
    else room.cut.add('long values');
  }
  return parts.length === 0 ? '' : folded('Last lines of builds that failed', parts.join('\n\n'));
}
