import type { Oid } from '../objects/git-object.ts';
import type { CommitPlace, CommitPlaces } from './commit-places.ts';
import { type MergeBases, mergeBases, type WalkOptions } from './merge-bases.ts';
import { mergeFolders } from './merge-folders.ts';
import type { MergeObjects } from './merge-objects.ts';

/** Merges of merge bases that are made for one merge: a history in which there are more is too tangled to plan for. */
const MOST_INNER = 40;

export type CommitMerge =
  | { readonly result: 'merged'; readonly tree: Oid | undefined }
  | { readonly result: 'conflict'; readonly files: readonly string[] }
  /** They have no commit in common. */
  | { readonly result: 'unrelated' }
  | Exclude<MergeBases, { readonly result: 'found' }>;

/** Merges two commits as git does, also where their histories have met in several places. */
export class CommitMerger {
  readonly #objects: MergeObjects;
  readonly #places: CommitPlaces;
  readonly #options: WalkOptions;
  #inner = 0;

  constructor(objects: MergeObjects, places: CommitPlaces, options: WalkOptions) {
    this.#objects = objects;
    this.#places = places;
    this.#options = options;
  }

  async merge(ours: Oid, theirs: Oid): Promise<CommitMerge> {
    return this.#merge(ours, theirs, 'conflict');
  }

  async #merge(ours: Oid, theirs: Oid, unmerged: 'conflict' | 'unknown'): Promise<CommitMerge> {
    const met = await mergeBases(this.#places, ours, theirs, this.#options);
    if (met.result !== 'found') return met;
    const [first, ...others] = met.bases;
    const [mine, other] = [await this.#places.present(ours), await this.#places.present(theirs)];
    if (first === theirs) return { result: 'merged', tree: mine.tree };
    if (first === ours) return { result: 'merged', tree: other.tree };
    // Of bases that have nothing in common git takes it that all was added since.
    if (first === undefined && unmerged === 'conflict') return { result: 'unrelated' };
    const base = first === undefined ? NOTHING : await this.#single(first, others);
    if ('result' in base) return base;
    const sides = { base: base.tree, ours: mine.tree, theirs: other.tree };
    const { folder, conflicts } = await mergeFolders(this.#objects, sides, { unmerged });
    if (conflicts.length > 0) return { result: 'conflict', files: conflicts };
    return { result: 'merged', tree: folder };
  }

  /** One that stands for all of the bases: what merging them gives. */
  async #single(
    first: Oid,
    others: readonly Oid[],
  ): Promise<CommitPlace | Exclude<CommitMerge, { readonly result: 'merged' }>> {
    let all = first;
    for (const other of others) {
      if (++this.#inner > MOST_INNER) return { result: 'exhausted' };
      const inner = await this.#merge(all, other, 'unknown');
      if (inner.result !== 'merged') return inner;
      all = this.#places.add({ tree: inner.tree, parents: [all, other], date: Number.MAX_SAFE_INTEGER });
    }
    return this.#places.present(all);
  }
}

/** The commit before all others. */
const NOTHING = { tree: undefined, parents: [], date: 0 } satisfies CommitPlace;
