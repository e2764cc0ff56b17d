import { code } from './markdown-text.ts';

/** How much of each part a page shows. */
interface Space {
  /** Characters for what no cell of a table holds: long values, and the lines of findings. */
  readonly values: number;
  /** Rows that each table of a part may have. */
  readonly ignored: number;
  readonly forecast: number;
  readonly warnings: number;
  readonly rows: number;
  readonly errors: number;
  /** Whether changes are listed at all; their counts are told in any case. */
  readonly changes: boolean;
}

/** The space of a page, of which its parts take, and what did not fit. */
export interface Room extends Space {
  left: number;
  readonly cut: Set<Cut>;
  /** Characters of the whole page. */
  readonly limit: number;
  /** Rows of tables as they were made for an attempt before, by what they tell of. */
  readonly made: WeakMap<object, readonly string[]>;
}

/** Rows for the first `max` of `items`. Where they alone are longer than the page, the rest is not worth making. */
export function rowsOf<Item extends object>(
  items: readonly Item[],
  max: number,
  room: Room,
  cellsOf: (item: Item) => readonly string[],
): (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let length = 0;
  for (const item of items.slice(0, max)) {
    const cells = room.made.get(item) ?? cellsOf(item);
    room.made.set(item, cells);
    rows.push(cells);
    length += cells.reduce((sum, cell) => sum + cell.length, 0);
    if (length > room.limit) break;
  }
  return rows;
}

/** What a page may leave out, in words. */
export type Cut =
  | 'long values'
  | 'ignored fields'
  | 'the forecast'
  | 'warnings'
  | 'objects'
  | 'drivers'
  | 'errors'
  | 'approvals';

/** More rows than these never fit into a comment. */
const WHOLE: Space = {
  values: 40_000,
  ignored: 700,
  forecast: 700,
  warnings: 700,
  rows: 2000,
  errors: 700,
  changes: true,
};

/** What is given up, one after the other, until the page fits: first what a reader needs least. */
const STEPS: readonly Partial<Space>[] = [
  { values: 0 },
  { ignored: 0 },
  { forecast: 25 },
  { forecast: 0 },
  { warnings: 25 },
  { warnings: 4 },
  ...[400, 150, 60, 25, 10, 4, 1, 0].map((rows) => ({ rows })),
  ...[400, 150, 60, 25].map((errors) => ({ errors })),
  { changes: false, warnings: 0 },
  ...[10, 4, 1].map((errors) => ({ errors })),
];

/** Characters that stand around values besides themselves. */
const AROUND_VALUES = 1000;

/**
 * Blocks below each other, in at most `limit` characters; the last line says what is left out. The first two are shown
 * even where nothing else fits.
 */
export function document(verb: string, limit: number, blocks: (room: Room) => Iterable<string>): string {
  const made = new WeakMap<object, readonly string[]>();
  const roomFor = (space: Space): Room => ({ ...space, left: space.values, cut: new Set(), limit, made });
  const attempt = (space: Space): string | undefined => {
    const room = roomFor(space);
    const all: string[] = [];
    let length = 0;
    for (const block of blocks(room)) {
      all.push(block);
      length += block.length;
      // What comes after it is not worth making.
      if (length > limit) return undefined;
    }
    if (room.cut.size > 0) {
      all.push(
        `Shortened to fit: cut are ${listed([...room.cut])}. ${code(`${verb} --output json`)} prints everything.`,
      );
    }
    return joined(all, limit);
  };

  let space = WHOLE;
  const whole = attempt(space);
  if (whole !== undefined) return whole;
  for (const step of STEPS) {
    space = { ...space, ...step };
    const text = attempt(space);
    if (text === undefined) continue;
    // Where all else fits, as many values are shown as do.
    const spare = limit - text.length - AROUND_VALUES;
    const fuller =
      step.values === 0 && spare > 0 ? attempt({ ...space, values: Math.floor(spare * 0.9) }) : undefined;
    return fuller ?? text;
  }
  const [title = '', summary = ''] = blocks(roomFor(space));
  const note = `Shortened to fit: ${code(`${verb} --output json`)} prints everything.`;
  return joined([title, summary, note], limit) ?? joined([note], limit) ?? '';
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

function joined(blocks: readonly string[], limit: number): string | undefined {
  const text = `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
  return text.length <= limit ? text : undefined;
}
