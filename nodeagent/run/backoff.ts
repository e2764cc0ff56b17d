const FIRST_MS = 1000;
/** Where ten thousand nodes wait for an API server, forty of them ask in a second. */
const LONGEST_MS = 5 * 60_000;
/** A server may ask for patience, but not for more than this. */
const LONGEST_ASKED_MS = 60 * 60_000;

/** How long to wait after each failure in a row: twice as long as before, with jitter, and never less than asked for. */
export class Backoff {
  readonly #random: () => number;
  #failures = 0;

  /** `random`: of [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Counts a failure; gives the wait in milliseconds. */
  next(askedMs = 0): number {
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(Math.min(askedMs, LONGEST_ASKED_MS), (most / 2) * (1 + this.#random()));
  }
}
