/** An object that is corrected more often than that within the window is fought over. */
const MOST_CORRECTIONS = 5;
const WINDOW_MS = 10 * 60_000;
/** How long it is left alone at first; twice as long with each round more, and never longer than the other. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

/** How often an object had to be corrected of late. Times are steady milliseconds. */
export interface Fight {
  /** Corrections within the window that ends with the last of them. */
  readonly corrections: readonly number[];
  /** How often it was left alone; 0 while nobody would call it a fight. */
  readonly rounds: number;
  /** Until when it is left alone. */
  readonly until: number;
}

/** An object was set right once more at `now`, without a new commit that asked for it. */
export function afterCorrection(before: Fight | undefined, now: number): Fight {
  const known = before === undefined || isOver(before, now) ? NO_FIGHT : before;
  const corrections = [...known.corrections.filter((at) => at > now - WINDOW_MS), now];
  const isFight = known.rounds > 0 || corrections.length > MOST_CORRECTIONS;
  if (!isFight) return { corrections, rounds: 0, until: now };
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** known.rounds);
  return { corrections, rounds: known.rounds + 1, until: now + pauseMs };
}

/** Whether the object was left in peace for so long that the next correction is a first one again. */
export function isOver({ corrections, until }: Fight, now: number): boolean {
  return now - Math.max(until, corrections.at(-1) ?? 0) > WINDOW_MS;
}

const NO_FIGHT: Fight = { corrections: [], rounds: 0, until: 0 };
