const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

/** How long to wait before a watch is opened again: longer each time that nothing came of it, never less than asked for. */
export class WatchBackoff {
  readonly #random: () => number;
  #failures = 0;

  /** `random`: of [0, 1). */
  constructor(random: () => number) {
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  reset(): void {
    this.#failures = 0;
  }

  /** Counts a failure; gives the wait in milliseconds, with jitter. */
  next(askedMs = 0): number {
    const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    // A second at least, since an API server that closes each watch at once must not be asked in a circle.
    const wait = Math.max(FIRST_MS, most / 2) * (1 + this.#random() * 0.5);
    return Math.max(askedMs, Math.min(LONGEST_MS, wait));
  }
}
