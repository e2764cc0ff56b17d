import type { SteadyTime } from '../world/steady-time.ts';

/** Something that goes on for so long hangs, and has no deadline of its own. */
const STALLED_MS = 30 * 60_000;

/** What each loop is at, so that one that hangs is noticed whatever the others do. One that waits is at nothing. */
export class Turns {
  readonly #time: SteadyTime;
  readonly #since = new Map<string, number>();

  constructor(time: SteadyTime) {
    this.#time = time;
  }

  /** `what` is a subject: `The pass`. */
  async during<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
    this.#since.set(what, this.#time.now());
    try {
      return await work();
    } finally {
      this.#since.delete(what);
    }
  }

  /** What goes on for too long; undefined where nothing does. */
  stalled(): string | undefined {
    for (const [what, since] of this.#since) {
      const ms = this.#time.now() - since;
      if (ms >= STALLED_MS) return `${what} has gone on for ${Math.floor(ms / 60_000)} minutes`;
    }
    return undefined;
  }
}
