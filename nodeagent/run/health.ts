import type { Time } from '../time.ts';

const MINUTE = 60_000;

/** A loop that turns so much later than it said hangs: what it waits for is bounded by far less. */
const HANGS_AFTER_MS = 10 * MINUTE;

/** The API server tells something on a watch every minute. */
const ANSWERS_WITHIN_MS = 3 * MINUTE;

/** A report may have to wait for a minute after the one before it, and then for its turn. */
const TOLD_WITHIN_MS = 3 * MINUTE;

/** Longer than two passes are ever apart. */
const PASSES_WITHIN_MS = 10 * MINUTE;

/**
 * What the agent knows of itself. It is ready while what the cluster holds of this node is what was seen lately: whoever reads
 * a report goes by that, since a report has no time in it.
 */
export class Health {
  readonly #time: Time;
  readonly #due = new Map<string, number>();
  #answeredAt = -Infinity;
  #passedAt = -Infinity;
  #untold: { readonly since: number; readonly why: string } | undefined;

  constructor(time: Time) {
    this.#time = time;
  }

  /** A loop turns, and waits for at most so long before it does again. */
  turns(loop: string, waitMs: number): void {
    this.#due.set(loop, this.#time.now() + waitMs);
  }

  /** The API server gave an answer, or told something on a watch. */
  answered(): void {
    this.#answeredAt = this.#time.now();
  }

  /** A pass was made, and the cluster has what it saw. */
  told(): void {
    this.#passedAt = this.#time.now();
    this.#untold = undefined;
  }

  /** The cluster has not got what was seen, or it is not known whether it has. */
  untold(why: string): void {
    this.#untold = { since: this.#untold?.since ?? this.#time.now(), why };
  }

  /** What hangs, each in a sentence; empty while the agent lives. */
  stuck(): readonly string[] {
    const now = this.#time.now();
    return [...this.#due]
      .filter(([, due]) => now - due > HANGS_AFTER_MS)
      .map(([loop, due]) => `${loop} should have gone on ${minutes(now - due)} ago.`);
  }

  /** Why its report does not count, each in a sentence; empty while it does. */
  waits(): readonly string[] {
    const now = this.#time.now();
    if (this.#passedAt === -Infinity) {
      return [this.#untold === undefined ? 'No pass was made yet.' : this.#untold.why];
    }
    const silentMs = now - this.#answeredAt;
    const untoldMs = this.#untold === undefined ? 0 : now - this.#untold.since;
    return [
      ...(silentMs > ANSWERS_WITHIN_MS ? [`The API server has said nothing for ${minutes(silentMs)}.`] : []),
      ...(untoldMs > TOLD_WITHIN_MS && this.#untold !== undefined
        ? [`The report in the cluster has been old for ${minutes(untoldMs)}. ${this.#untold.why}`]
        : []),
      ...(now - this.#passedAt > PASSES_WITHIN_MS && this.#untold === undefined
        ? [`No pass was made for ${minutes(now - this.#passedAt)}.`]
        : []),
    ];
  }
}

function minutes(ms: number): string {
  return `${Math.floor(ms / MINUTE)} min`;
}
