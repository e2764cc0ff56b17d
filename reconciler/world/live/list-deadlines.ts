import type { Moment, WatchTime } from './watch-time.ts';
import type { WatchTimes } from './watch-times.ts';

/** Why a list was read. */
export type ListReason =
  'first' | 'belt' | 'stale' | 'back' | 'expired' | 'interrupted' | 'unconfirmed' | 'asked';

/** Knows when a list has to be read again, by when it was last heard of, listed and written to. */
export class ListDeadlines {
  readonly #times: WatchTimes;
  readonly #time: WatchTime;
  readonly #random: () => number;
  /** Last sign that what we know is what is. */
  #heard: Moment;
  #listed: Moment | undefined;
  /** Since when a write of ours waits to be told of. */
  #wrote: Moment | undefined;
  #beltMs = 0;

  constructor(times: WatchTimes, time: WatchTime, random: () => number) {
    this.#times = times;
    this.#time = time;
    this.#random = random;
    this.#heard = time.now();
  }

  get wasListed(): boolean {
    return this.#listed !== undefined;
  }

  /** Whether a watch that is open has been silent for too long. */
  get isSilent(): boolean {
    return this.silentMs > this.#times.staleAfterMs;
  }

  get silentMs(): number {
    return this.#time.since(this.#heard);
  }

  heard(): void {
    this.#heard = this.#time.now();
  }

  listed(): void {
    // Not all lists at the same time.
    this.#beltMs = this.#times.relistEveryMs * (0.85 + this.#random() * 0.3);
    this.#listed = this.#heard = this.#time.now();
  }

  wrote(): void {
    this.#wrote ??= this.#time.now();
  }

  /** Nothing that we wrote waits to be told of, or it is waited for no longer. */
  settled(): void {
    this.#wrote = undefined;
  }

  /** Why it has to be listed, now that a watch is open. */
  dueWatched(): ListReason | undefined {
    if (this.isSilent) return 'stale';
    const isLate = this.#wrote !== undefined && this.#time.since(this.#wrote) >= this.#times.confirmWithinMs;
    return isLate ? 'unconfirmed' : this.dueUnwatched();
  }

  /** Why it has to be listed, whether a watch is open or not. */
  dueUnwatched(): ListReason | undefined {
    const isDue = this.#listed !== undefined && this.#time.since(this.#listed) >= this.#beltMs;
    return isDue ? 'belt' : undefined;
  }
}
