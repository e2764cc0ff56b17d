import type { Change } from '../plan/change.ts';

/** Nodes are not watched, so what waits for one is looked at again about so often. */
const EVERY_MS = 60_000;
const SPREAD = 0.5;

/**
 * In how many milliseconds a place is looked for again, for a plan in which something has none; undefined where nothing
 * waits for one. `random` is of [0, 1).
 */
export function placesAgainMs(changes: readonly Change[], random: number): number | undefined {
  const isWaiting = changes.some(({ op, placement }) => op === 'wait' && placement?.how === 'nowhere');
  return isWaiting ? EVERY_MS * (1 - SPREAD / 2 + SPREAD * random) : undefined;
}
