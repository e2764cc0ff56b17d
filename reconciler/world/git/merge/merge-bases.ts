import type { Oid } from '../objects/git-object.ts';
import type { CommitPlaces } from './commit-places.ts';
import type { MergeWork } from './merge-work.ts';

/** Where two histories have met last. */
export type MergeBases =
  /** None where they have nothing in common. */
  | { readonly result: 'found'; readonly bases: readonly Oid[] }
  /** The parents of this commit are not here, and may matter. */
  | { readonly result: 'shallow'; readonly at: Oid }
  | { readonly result: 'exhausted' };

export interface WalkOptions {
  readonly work: MergeWork;
  /** Commits that are looked at. */
  readonly most: number;
}

/** The last commits that two have in common, none of which is an ancestor of another. */
export async function mergeBases(
  places: CommitPlaces,
  one: Oid,
  other: Oid,
  options: WalkOptions,
): Promise<MergeBases> {
  const met = await meet(places, one, other, options);
  if (met.result !== 'found' || met.bases.length < 2) return met;
  // Dates decide in which order commits are looked at, and may be wrong.
  const bases: Oid[] = [];
  for (const base of met.bases) {
    const isLast = await isReachedByNone(places, base, met.bases, options);
    if (typeof isLast !== 'boolean') return isLast;
    if (isLast) bases.push(base);
  }
  return { result: 'found', bases };
}

async function isReachedByNone(
  places: CommitPlaces,
  base: Oid,
  all: readonly Oid[],
  options: WalkOptions,
): Promise<boolean | Exclude<MergeBases, { result: 'found' }>> {
  for (const other of all) {
    if (other === base) continue;
    const met = await meet(places, base, other, options);
    if (met.result !== 'found') return met;
    if (met.bases.includes(base)) return false;
  }
  return true;
}

const ONE = 1;
const OTHER = 2;
const BOTH = ONE | OTHER;
/** An ancestor of a commit that both have: it can be no base. */
const BEYOND = 4;

/**
 * Goes back from both, the newest commits first, until all that is left are ancestors of what both have. Among those that
 * it gives may be an ancestor of another, where dates are wrong.
 */
async function meet(places: CommitPlaces, one: Oid, other: Oid, options: WalkOptions): Promise<MergeBases> {
  const marks = new Map<Oid, number>([[one, ONE]]);
  marks.set(other, (marks.get(other) ?? 0) | OTHER);
  const queue = new NewestFirst();
  /** Of those in the queue, how many are not beyond what both have. */
  let open = 0;
  const enqueue = (oid: Oid, date: number) => {
    if (queue.add(oid, date) && !isBeyond(marks.get(oid))) open++;
  };
  for (const oid of marks.keys()) enqueue(oid, (await places.present(oid)).date);
  const bases = new Set<Oid>();
  for (let steps = 0; open > 0; steps++) {
    if (steps >= options.most) return { result: 'exhausted' };
    const pause = options.work.step();
    if (pause !== undefined) await pause;
    const oid = queue.take();
    let mark = marks.get(oid) ?? 0;
    if (!isBeyond(mark)) open--;
    if (mark === BOTH) {
      bases.add(oid);
      mark |= BEYOND;
    }
    for (const parent of (await places.present(oid)).parents) {
      const before = marks.get(parent) ?? 0;
      if ((before | mark) === before) continue;
      const found = await places.at(parent);
      // What is beyond a commit that both have cannot be a base, so it need not be here.
      if (found === undefined && !isBeyond(mark)) return { result: 'shallow', at: oid };
      if (queue.has(parent) && !isBeyond(before) && isBeyond(mark)) open--;
      marks.set(parent, before | mark);
      if (found !== undefined) enqueue(parent, found.date);
    }
  }
  return { result: 'found', bases: [...bases].filter((oid) => !isBeyond(marks.get(oid))) };
}

function isBeyond(mark = 0): boolean {
  return (mark & BEYOND) !== 0;
}

/** Commits that have to be looked at, the newest of which comes first. */
class NewestFirst {
  readonly #heap: { readonly oid: Oid; readonly date: number }[] = [];
  readonly #waiting = new Set<Oid>();

  has(oid: Oid): boolean {
    return this.#waiting.has(oid);
  }

  /** False where it is in the queue already. */
  add(oid: Oid, date: number): boolean {
    if (this.#waiting.has(oid)) return false;
    this.#waiting.add(oid);
    const heap = this.#heap;
    heap.push({ oid, date });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfNewer(at, parent)) break;
      at = parent;
    }
    return true;
  }

  take(): Oid {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (top === undefined || last === undefined) throw new Error('There is no commit left.');
    if (heap.length > 0) heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = (heap[right]?.date ?? -Infinity) > (heap[left]?.date ?? -Infinity) ? right : left;
      if (child >= heap.length || !this.#swapIfNewer(child, at)) break;
      at = child;
    }
    this.#waiting.delete(top.oid);
    return top.oid;
  }

  #swapIfNewer(child: number, parent: number): boolean {
    const [one, other] = [this.#heap[child], this.#heap[parent]];
    if (one === undefined || other === undefined || one.date <= other.date) return false;
    this.#heap[child] = other;
    this.#heap[parent] = one;
    return true;
  }
}
