import { setImmediate } from 'node:timers/promises';
import type { Interruptible } from '../../../ports.ts';
import { describeCount, type Limits } from '../limits.ts';
import { mergeTooLarge } from './merge-errors.ts';

/** How long the process does nothing but merge: there are requests to answer meanwhile. */
const TURN_MS = 10;
/** Characters of all paths that are looked at. A folder has a name of any length, and may be in itself many times over. */
const MOST_PATH_CHARACTERS = 64 * 1024 * 1024;
/** Lines that are looked at to compare all texts of a merge. Texts made for it could take hours. */
const MOST_LINES = 30_000_000;

/** What of a merge's limits is for its work. */
export type WorkLimits = Pick<Limits, 'mergeMs' | 'mergeEntries' | 'mergeFiles'>;

/**
 * The work on one merge. Whoever proposes it decides how much that is, so each loop asks here whether to go on: it lets
 * others have their turn, hears that nobody waits any more, and ends what takes more than is given for one pull request.
 */
export class MergeWork {
  readonly signal: AbortSignal | undefined;
  readonly limits: WorkLimits;
  #spentMs = 0;
  #since = performance.now();
  #entries = 0;
  #characters = 0;
  #lines = 0;

  constructor(limits: WorkLimits, { signal }: Interruptible = {}) {
    this.limits = limits;
    this.signal = signal;
  }

  /** For every turn of a loop. What it gives, if anything, has to be awaited: undefined costs nearly nothing. */
  step(): Promise<void> | undefined {
    return performance.now() - this.#since < TURN_MS ? undefined : this.#pause();
  }

  /** Waits for others, which is none of its work. */
  async away<Result>(waiting: () => Promise<Result>): Promise<Result> {
    this.#spend();
    try {
      return await waiting();
    } finally {
      this.#since = performance.now();
    }
  }

  /** Counts the entries of a folder that is looked at. */
  entries(count: number): void {
    this.#entries += count;
    const { mergeEntries } = this.limits;
    if (this.#entries <= mergeEntries) return;
    throw mergeTooLarge(
      'The pull request and its base differ in too many folders',
      `${describeCount(mergeEntries)} files and folders`,
    );
  }

  /** Counts a path that was put together. */
  path(path: string): void {
    this.#characters += path.length;
    if (this.#characters <= MOST_PATH_CHARACTERS) return;
    throw mergeTooLarge(
      'The pull request and its base differ in paths that are too long or too many',
      `${describeCount(MOST_PATH_CHARACTERS)} characters of them`,
    );
  }

  /** Refuses so many files that a merge changes, where that is too many. */
  files(count: number): void {
    const { mergeFiles } = this.limits;
    if (count <= mergeFiles) return;
    throw mergeTooLarge('The pull request changes too many files', `${describeCount(mergeFiles)} files`);
  }

  /** Counts lines that are compared. False where it is given up. */
  lines(count: number): boolean {
    this.#lines += count;
    return this.#lines <= MOST_LINES;
  }

  async #pause(): Promise<void> {
    this.#spend();
    await setImmediate();
    this.signal?.throwIfAborted();
    this.#since = performance.now();
  }

  #spend(): void {
    const now = performance.now();
    this.#spentMs += now - this.#since;
    this.#since = now;
    const { mergeMs } = this.limits;
    if (this.#spentMs <= mergeMs) return;
    throw mergeTooLarge(`The pull request takes longer than ${mergeMs / 1000} s to be merged with its base`);
  }
}
