const LEAST_MS = 10_000;
const MOST_MS = 6 * 60 * 60_000;
/** What a commit takes from being carried out to being well, and some trouble on the way. */
const FREE = 20;

/**
 * How long after the last of so many writes about one commit the next one may come. Health may go to and fro for weeks,
 * and a forge keeps all statuses of a commit, GitHub a thousand at most.
 */
export function apartMs(writes: number): number {
  return Math.min(MOST_MS, LEAST_MS * 2 ** Math.max(0, writes - FREE));
}
