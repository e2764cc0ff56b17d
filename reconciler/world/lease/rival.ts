import { patienceMs } from './election.ts';
import type { LeaseRecord } from './lease-record.ts';

/** What a contender has seen of the holder. It goes by its own time alone: those in the record are another machine's. */
export class Rival {
  #holder: string | undefined;
  #version: string | undefined;
  #since = 0;
  #durationMs = 0;
  #transitions = 0;

  /** Who held the lease when it was last looked at. */
  get holder(): string | undefined {
    return this.#holder;
  }

  /** The term of whoever takes the lease now. */
  get nextTerm(): number {
    return this.#transitions + 1;
  }

  /** Takes in the lease as it was read at `now`, undefined where there is none. */
  observe(seen: LeaseRecord | undefined, defaultDurationMs: number, now: number): void {
    if (seen !== undefined) this.#transitions = Math.max(this.#transitions, seen.transitions);
    if (seen !== undefined && seen.holder === undefined) {
      this.#holder = undefined;
      return;
    }
    // Where there is none, somebody may have deleted it from under a holder who has not noticed.
    if (seen === undefined && this.#holder === undefined) return;
    if (this.#holder !== undefined && this.#version === seen?.version) return;
    this.#holder = seen?.holder ?? this.#holder;
    this.#durationMs = seen?.durationMs ?? (this.#durationMs || defaultDurationMs);
    this.#version = seen?.version;
    this.#since = now;
  }

  /** How long the holder may still believe that it holds the lease. */
  remainingMs(now: number): number {
    if (this.#holder === undefined) return 0;
    return Math.max(0, this.#since + patienceMs(this.#durationMs) - now);
  }
}
