import { join } from 'node:path';
import type { MergeHead, MergePreview, Merges } from '../../../forge-port.ts';
import type { CommitSha, Interruptible, Repository, Snapshot } from '../../../ports.ts';
import { GitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { type GitConfig, limitsOf } from '../git-config.ts';
import { ObjectError, type GitObject, type Oid } from '../objects/git-object.ts';
import { openRepository } from '../repository.ts';
import { type CommitVerifier, openCommitVerifier, whyUnaccepted } from '../signatures/commit-verifier.ts';
import { readCommit } from '../snapshot/history.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { isGone } from '../file-error.ts';
import { parseLocation } from '../url.ts';
import { type CommitPlace, CommitPlaces } from './commit-places.ts';
import { folderChanges } from './folder-changes.ts';
import { CommitMerger } from './merge-commits.ts';
import { shallowRepository, tooFarBack, unrelated } from './merge-errors.ts';
import { MergeObjects } from './merge-objects.ts';
import { MergeWork, type WorkLimits } from './merge-work.ts';
import { LocalMergeStore, type Merging, type MergeStore, oidOf } from './merge-store.ts';
import { readMerged } from './merged-snapshot.ts';
import { shownPath } from './raw-folder.ts';
import { RemoteMergeStore } from './remote-merge-store.ts';
import { OneAtATime } from './one-at-a-time.ts';

/** How deep the histories are fetched, step by step, until it is known where they meet. */
const DEPTHS = [20, 200, 2_000];
/** How far back somebody who may not write to the repository can have us look. */
const UNTRUSTED_COMMITS = 2_000;
/** What somebody who may not write to the repository may have us merge, as a part of what others may. */
const UNTRUSTED_PART = 4;
/** Each head brings packs of its own, so there may be so many times as in a clone of one branch. */
const MORE_PACKS = 4;
/** Answers that are kept for whoever asks again about the same two commits. */
const KEPT = 4;

/**
 * Merges of pull requests into `config.ref`, made in memory. What a server has is fetched into a clone of its own below
 * `cacheDir`. All previews are of the tip that `base()` gave last, and are made one after the other.
 */
export function openMerges(config: GitConfig): Merges {
  return new GitMerges(config);
}

class GitMerges implements Merges {
  readonly #limits: Limits;
  readonly #path: string;
  readonly #repository: Repository;
  readonly #store: MergeStore;
  readonly #reader: SnapshotReader;
  readonly #turns = new OneAtATime();
  readonly #verifier: CommitVerifier | undefined;
  /** By both commits, those last asked for at the end. */
  readonly #known = new Map<string, MergePreview>();
  #base: CommitSha | undefined;

  constructor(given: GitConfig) {
    const limits = limitsOf(given);
    this.#limits = { ...limits, packs: limits.packs * MORE_PACKS };
    // What pull requests bring is kept apart from what the cluster is made of.
    // What is merged is planned whoever signed it: it may be what mends a base that is not accepted.
    const cacheDir = join(given.cacheDir, 'merges');
    const config = { ...given, cacheDir, limits: this.#limits, verify: undefined };
    this.#path = config.path;
    this.#repository = openRepository(config);
    const location = parseLocation(config.url);
    this.#store =
      location.kind === 'local'
        ? new LocalMergeStore(location.path, this.#limits)
        : new RemoteMergeStore(config);
    this.#reader = new SnapshotReader(config.path, this.#limits, this.#store.shown);
    this.#verifier = given.verify && openCommitVerifier(given.verify);
  }

  async base(options: Interruptible = {}): Promise<CommitSha> {
    this.#base = await this.#repository.tip(options);
    return this.#base;
  }

  preview(
    head: MergeHead,
    { lastApplied, signal }: Interruptible & { readonly lastApplied?: CommitSha | undefined } = {},
  ): Promise<MergePreview> {
    return this.#turns.run(() => this.#preview(head, lastApplied, signal), signal);
  }

  async #preview(
    head: MergeHead,
    lastApplied: CommitSha | undefined,
    signal: AbortSignal | undefined,
  ): Promise<MergePreview> {
    const base = await this.#repository.read(lastApplied, this.#base, { signal });
    const key = `${base.commit} ${head.commit} ${head.isTrusted}`;
    const known = this.#known.get(key);
    // The same snapshot, so that whoever has made something of it need not do so again.
    const isSame = known?.result === 'conflict' || known?.base === base;
    const kept = known !== undefined && isSame ? await this.#judgedAnew(known, head) : undefined;
    const preview = kept ?? (await this.#make(base, head, signal));
    this.#known.delete(key);
    this.#known.set(key, preview);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest);
    return preview;
  }

  /** What was made before, with what is thought of the head's signature by now; undefined where the head is gone. */
  async #judgedAnew(preview: MergePreview, head: MergeHead): Promise<MergePreview | undefined> {
    if (preview.result === 'conflict' || this.#verifier === undefined) return preview;
    try {
      const objects = this.#store.objects(new Map());
      const now = await whyUnaccepted(this.#verifier, objects, oidOf(head));
      const { unaccepted: before, ...merged } = preview;
      if (now?.message === before?.message) return preview;
      return now === undefined ? merged : { ...merged, unaccepted: now };
    } catch (error) {
      if (error instanceof ObjectError || isGone(error)) return undefined;
      throw error;
    }
  }

  async #make(base: Snapshot, head: MergeHead, signal: AbortSignal | undefined): Promise<MergePreview> {
    const merging = { base: base.commit as string as Oid, head, signal };
    for (let renewed = false; ; renewed = true) {
      try {
        if (!renewed) await this.#store.open(merging);
        return await this.#merge(base, merging);
      } catch (error) {
        signal?.throwIfAborted();
        // Another process may have put a new clone in place of this one.
        if (!(error instanceof ObjectError) && !isGone(error)) throw error;
        if (renewed || !(await this.#store.renew(merging))) throw this.#damaged(error);
      }
    }
  }

  async #merge(base: Snapshot, merging: Merging): Promise<MergePreview> {
    const work = new MergeWork(this.#workLimits(merging.head), merging);
    const { objects, places, stored, reopen, merge } = await this.#mergeCommits(merging, work);
    if (merge.result === 'conflict') return { result: 'conflict', base: base.commit, files: merge.files };
    const { tree: baseTree } = await places.present(merging.base);
    const files: string[] = [];
    for await (const { path } of folderChanges(objects, baseTree, merge.tree)) {
      files.push(shownPath(path));
      objects.work.files(files.length);
    }
    const merged = await readMerged(
      this.#reader,
      {
        base,
        baseTree,
        head: await readCommit(stored, oidOf(merging.head)),
        tree: merge.tree,
        objects,
        stored,
        reopen,
        deepen: async (depth, { signal }) => {
          for (const tip of [oidOf(merging.head), merging.base]) {
            await this.#store.deepen(tip, depth, { ...merging, signal });
          }
        },
      },
      { path: this.#path, shown: this.#store.shown },
    );
    const unaccepted = await whyUnaccepted(this.#verifier, reopen(), oidOf(merging.head));
    return {
      result: 'merged',
      base,
      merged,
      files: files.toSorted(),
      ...(unaccepted === undefined ? {} : { unaccepted }),
    };
  }

  #workLimits({ isTrusted }: MergeHead): WorkLimits {
    const { mergeEntries } = this.#limits;
    const entries = isTrusted ? mergeEntries : Math.ceil(mergeEntries / UNTRUSTED_PART);
    return { ...this.#limits, mergeEntries: entries };
  }

  /** Merges what is here, and fetches more of both histories until it is known where they meet. */
  async #mergeCommits(merging: Merging, work: MergeWork) {
    const { base, head } = merging;
    const { historyCommits } = this.#limits;
    const most = head.isTrusted ? historyCommits : Math.min(historyCommits, UNTRUSTED_COMMITS);
    const known = new Map<Oid, CommitPlace>();
    for (let last = 0; ;) {
      const made = new Map<Oid, GitObject>();
      const reopen = () => this.#store.objects(made);
      const stored = reopen();
      const objects = new MergeObjects(stored, made, work);
      const places = new CommitPlaces(stored, known);
      // Both sides together may be twice as long.
      const merger = new CommitMerger(objects, places, { most: 2 * most, work });
      const merge = await merger.merge(base, oidOf(head));
      switch (merge.result) {
        case 'merged':
        case 'conflict':
          return { objects, places, stored, reopen, merge };
        case 'unrelated':
          throw unrelated(this.#store.shown, merging);
        case 'exhausted':
          throw tooFarBack(merging, most);
        case 'shallow':
          last = await work.away(() => this.#deepen(merge.at, last, places, most, merging));
      }
    }
  }

  /** Fetches more of the histories that end in a commit. Gives how deep they are now. */
  async #deepen(
    at: Oid,
    last: number,
    places: CommitPlaces,
    most: number,
    merging: Merging,
  ): Promise<number> {
    const tips = [oidOf(merging.head), merging.base];
    const depths = await Promise.all(tips.map((tip) => places.depthOf(at, tip)));
    const known = Math.max(last, ...depths.map((depth) => (depth ?? 0) + 1));
    const next = [...DEPTHS, most].find((depth) => depth > known);
    if (next === undefined || next > most) throw tooFarBack(merging, most);
    let isDeeper = false;
    for (const [index, tip] of tips.entries()) {
      if (depths[index] === undefined) continue;
      if (await this.#store.deepen(tip, next, merging)) isDeeper = true;
    }
    if (!isDeeper) throw shallowRepository(this.#store.shown);
    return next;
  }

  #damaged(cause: unknown): GitError {
    return new GitError('REPOSITORY_CORRUPT', `${this.#store.shown} could not be read in whole.`, {
      hint: 'Try again; where that does not help, look at the repository with git fsck.',
      cause,
    });
  }
}
