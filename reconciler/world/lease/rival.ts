import { patienceMs } from './election.ts';
import type { LeaseRecord } from './lease-record.ts';

/** What a contender has seen of the holder. It goes by its own time alone: those in the record are another machine's. */
export class Rival {
  #holder: string | undefined;
  #isAwaited = false;
  #isAlive = false;
  #version: string | undefined;
  #since = 0;
  #durationMs = 0;
  #transitions = 0;

  /** Who held the lease when it was last seen; undefined where nobody did, or none was seen. */
  get holder(): string | undefined {
    return this.#holder;
  }

  /** Whether somebody is waited for, known or not. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  /** Whether it was heard of since it was first seen. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The term of whoever takes the lease now. */
  get nextTerm(): number {
    return this.#transitions + 1;
  }

  /**
   * Takes in the lease as it was read at `now`, undefined where there is none. Somebody may have deleted it from under a
   * holder that has not noticed, so that an absent one is waited for as one that is held; `fresh` where none can ever have
   * been there.
   */
  observe(
    seen: LeaseRecord | undefined,
    {
      durationMs,
      now,
      isFresh = false,
    }: { readonly durationMs: number; readonly now: number; readonly isFresh?: boolean },
  ): void {
    if (seen !== undefined) this.#transitions = Math.max(this.#transitions, seen.transitions);
    if (isFresh || (seen !== undefined && seen.holder === undefined)) {
      this.#holder = undefined;
      this.#isAwaited = false;
      this.#isAlive = false;
      return;
    }
    if (this.#isAwaited && this.#version === seen?.version) return;
    this.#isAlive ||= this.#isAwaited && seen !== undefined;
    this.#isAwaited = true;
    this.#holder = seen?.holder ?? this.#holder;
    this.#durationMs = seen?.durationMs ?? (this.#durationMs || durationMs);
    this.#version = seen?.version;
    this.#since = now;
  }

  /** How long the holder may still believe that it holds the lease. */
  remainingMs(now: number): number {
    if (!this.#isAwaited) return 0;
    return Math.max(0, this.#since + patienceMs(this.#durationMs) - now);
  }
}
