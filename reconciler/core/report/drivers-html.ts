import type { DriversOutput } from '../../../schemas/output/drivers.ts';
import {
  DRIVER_STATE_COLOURS,
  type DriverNote,
  driverCells,
  driverColumns,
  driverNotes,
  driversUnread,
  driversWords,
  noteLines,
  omittedWords,
} from './drivers-words.ts';
import { TONES } from './html-change.ts';
import { box, preformatted } from './html-sections.ts';
import { type Html, markup, NOTHING } from './html-text.ts';
import { prose } from './plain.ts';

/** Columns with names that somebody may want to copy. */
const CODE: ReadonlySet<string> = new Set(['Version', 'Kernel', 'Served by']);

/** The builds as a table, and below it what there is to say of some; nothing where nobody asks for drivers. */
export function driversTable(drivers: DriversOutput | undefined): Html {
  if (drivers === undefined) return NOTHING;
  const columns = driverColumns(drivers);
  const head = columns.map((each) => markup`<th scope="col" class="short">${each}</th>`);
  const rows = drivers.cells.map((cell) => {
    const words = driverCells(cell);
    const tone = TONES[DRIVER_STATE_COLOURS[cell.state]];
    const cells = columns.map((column) => {
      const text = prose(words[column], 400);
      if (column === 'State') return markup`<td class="short ${tone}-text">${text}</td>`;
      if (column === 'Loaded') return markup`<td class="short">${text}</td>`;
      return CODE.has(column) ? markup`<td><code>${text}</code></td>` : markup`<td><bdi>${text}</bdi></td>`;
    });
    return markup`<tr>${cells}</tr>`;
  });
  const unread = driversUnread(drivers);
  const omitted = omittedWords(drivers);
  return markup`<section><h2>Drivers: ${driversWords(drivers)}</h2>
    ${unread === undefined ? NOTHING : markup`<p><bdi>${unread}</bdi></p>`}
    ${rows.length === 0 ? NOTHING : markup`<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`}
    ${driverNotes(drivers).map(noteBox)}
    ${omitted === undefined ? NOTHING : markup`<p>${omitted}</p>`}</section>`;
}

function noteBox(note: DriverNote): Html {
  const { subject, state, colour, lines } = note;
  return box(
    TONES[colour],
    markup`<p><code class="target">${prose(subject, 400)}</code> <bdi>${prose(state, 300)}</bdi></p>
      ${noteLines(note).map((each) => markup`<p><bdi>${prose(each)}</bdi></p>`)}
      ${lines.length === 0 ? NOTHING : preformatted(lines, 'lines')}`,
  );
}
