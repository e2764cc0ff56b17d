import { settleGroups } from './line-groups.ts';
import type { MergeWork } from './merge-work.ts';

/** A line occurring more often than this says nothing of where it was before. */
const MOST_OCCURRENCES = 64;

/** A run of lines that one text has in place of a run of another; places count from 0. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/**
 * What was changed between two texts, whose lines are given as numbers: the same number for the same line. It is what
 * git's histogram diff says, by which git merges. Undefined where that would not know either, since all that both texts
 * share is repeated over and over, or where it would take too long.
 */
export async function diffLines(
  old: Int32Array,
  fresh: Int32Array,
  work: MergeWork,
): Promise<readonly Hunk[] | undefined> {
  const removed = new Uint8Array(old.length);
  const added = new Uint8Array(fresh.length);
  const rare = new RarestRun(old, fresh, work);
  const regions: Region[] = [{ oldStart: 0, oldEnd: old.length, newStart: 0, newEnd: fresh.length }];
  for (let region = regions.pop(); region !== undefined; region = regions.pop()) {
    const { oldStart, oldEnd, newStart, newEnd } = region;
    const isOneSided = oldStart === oldEnd || newStart === newEnd;
    const kept = isOneSided ? 'none' : await rare.find(region);
    if (kept === 'unclear') return undefined;
    if (kept === 'none') {
      removed.fill(1, oldStart, oldEnd);
      added.fill(1, newStart, newEnd);
      continue;
    }
    regions.push(
      { oldStart, oldEnd: kept.oldStart, newStart, newEnd: kept.newStart },
      { oldStart: kept.oldEnd, oldEnd, newStart: kept.newEnd, newEnd },
    );
  }
  settleGroups({ lines: old, changed: removed }, { lines: fresh, changed: added });
  settleGroups({ lines: fresh, changed: added }, { lines: old, changed: removed });
  return hunksOf(removed, added);
}

/** A stretch of both texts. */
type Region = Hunk;

/** Looks for the run of equal lines that is the surest to be the same: the one with the rarest line, or else the longest. */
class RarestRun {
  readonly #old: Int32Array;
  readonly #fresh: Int32Array;
  /** By line: how often it is in the old side of the region, and where first. */
  readonly #counts: Int32Array;
  readonly #first: Int32Array;
  /** By place in the old text: where the same line is next, or -1. */
  readonly #next: Int32Array;
  readonly #work: MergeWork;
  #isTooMuch = false;

  constructor(old: Int32Array, fresh: Int32Array, work: MergeWork) {
    this.#work = work;
    this.#old = old;
    this.#fresh = fresh;
    const lines = Math.max(maximum(old), maximum(fresh)) + 1;
    this.#counts = new Int32Array(lines);
    this.#first = new Int32Array(lines);
    this.#next = new Int32Array(old.length);
  }

  async find(region: Region): Promise<Region | 'none' | 'unclear'> {
    this.#look(region);
    let best: Region | undefined;
    /** How often the rarest line of the best run occurs. */
    let rarity = MOST_OCCURRENCES + 1;
    let hasCommon = false;
    for (let at = region.newStart; at < region.newEnd && !this.#isTooMuch;) {
      const line = this.#fresh[at] ?? 0;
      const count = this.#counts[line] ?? 0;
      let after = at + 1;
      hasCommon ||= count > 0;
      // A line that is rarer cannot be found from one that is more frequent than what is known already.
      let from = count === 0 || count > rarity ? -1 : (this.#first[line] ?? -1);
      while (from !== -1) {
        const pause = this.#work.step();
        if (pause !== undefined) await pause;
        const { run, rarest } = this.#runAround(from, at, region);
        after = Math.max(after, run.newEnd);
        const length = best === undefined ? 1 : best.oldEnd - best.oldStart;
        if (run.oldEnd - run.oldStart > length || rarest < rarity) [best, rarity] = [run, rarest];
        do from = this.#next[from] ?? -1;
        while (from !== -1 && from < run.oldEnd);
      }
      at = after;
    }
    this.#forget(region);
    if (this.#isTooMuch) return 'unclear';
    if (hasCommon && rarity > MOST_OCCURRENCES) return 'unclear';
    return best ?? 'none';
  }

  /** The equal lines around a pair of them, and how often the rarest of these occurs. */
  #runAround(from: number, at: number, region: Region): { readonly run: Region; readonly rarest: number } {
    const [old, fresh] = [this.#old, this.#fresh];
    let rarest = this.#countAt(from);
    let [oldStart, newStart, oldEnd, newEnd] = [from, at, from + 1, at + 1];
    while (
      oldStart > region.oldStart &&
      newStart > region.newStart &&
      old[oldStart - 1] === fresh[newStart - 1]
    ) {
      oldStart--;
      newStart--;
      rarest = Math.min(rarest, this.#countAt(oldStart));
    }
    while (oldEnd < region.oldEnd && newEnd < region.newEnd && old[oldEnd] === fresh[newEnd]) {
      rarest = Math.min(rarest, this.#countAt(oldEnd));
      oldEnd++;
      newEnd++;
    }
    this.#count(oldEnd - oldStart);
    return { run: { oldStart, oldEnd, newStart, newEnd }, rarest };
  }

  #count(lines: number): void {
    this.#isTooMuch ||= !this.#work.lines(lines);
  }

  #countAt(place: number): number {
    return this.#counts[this.#old[place] ?? 0] ?? 0;
  }

  #look({ oldStart, oldEnd, newStart, newEnd }: Region): void {
    this.#count(oldEnd - oldStart + newEnd - newStart);
    for (let at = oldEnd - 1; at >= oldStart; at--) {
      const line = this.#old[at] ?? 0;
      const count = this.#counts[line] ?? 0;
      this.#next[at] = count === 0 ? -1 : (this.#first[line] ?? -1);
      this.#first[line] = at;
      this.#counts[line] = count + 1;
    }
  }

  #forget({ oldStart, oldEnd }: Region): void {
    for (let at = oldStart; at < oldEnd; at++) this.#counts[this.#old[at] ?? 0] = 0;
  }
}

/** Runs of changed lines; what lies between two of them is the same on both sides. */
function hunksOf(removed: Uint8Array, added: Uint8Array): readonly Hunk[] {
  const hunks: Hunk[] = [];
  for (let [old, fresh] = [0, 0]; old < removed.length || fresh < added.length; old++, fresh++) {
    const [oldStart, newStart] = [old, fresh];
    while (removed[old] === 1) old++;
    while (added[fresh] === 1) fresh++;
    if (old === oldStart && fresh === newStart) continue;
    hunks.push({ oldStart, oldEnd: old, newStart, newEnd: fresh });
  }
  return hunks;
}

function maximum(numbers: Int32Array): number {
  let most = -1;
  for (const each of numbers) most = Math.max(most, each);
  return most;
}
