/** How lists are kept up to date; times in milliseconds. */
export interface WatchTimes {
  /** All is listed again so often, whatever the watch says. */
  readonly relistEveryMs: number;
  /** A watch that said nothing for so long counts as dead. */
  readonly staleAfterMs: number;
  /** For the API server to begin to answer a watch. */
  readonly openWithinMs: number;
  /** A watch has to tell of a write of ours within it. */
  readonly confirmWithinMs: number;
}

const DEFAULTS: WatchTimes = {
  relistEveryMs: 10 * 60_000,
  // An API server sends a bookmark every minute.
  staleAfterMs: 85_000,
  openWithinMs: 15_000,
  confirmWithinMs: 30_000,
};

/** Those of `chosen`, and where one is missing its default. */
export function watchTimes(chosen: Partial<WatchTimes>): WatchTimes {
  return {
    relistEveryMs: chosen.relistEveryMs ?? DEFAULTS.relistEveryMs,
    staleAfterMs: chosen.staleAfterMs ?? DEFAULTS.staleAfterMs,
    openWithinMs: chosen.openWithinMs ?? DEFAULTS.openWithinMs,
    confirmWithinMs: chosen.confirmWithinMs ?? DEFAULTS.confirmWithinMs,
  };
}

/** How often it has to be looked whether one of them has run out. */
export function lookEveryMs({ staleAfterMs, relistEveryMs, confirmWithinMs }: WatchTimes): number {
  const shortest = Math.min(staleAfterMs, relistEveryMs, confirmWithinMs);
  return Math.min(1000, Math.max(25, shortest / 10));
}
