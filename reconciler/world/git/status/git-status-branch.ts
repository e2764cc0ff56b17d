import { setTimeout as delay } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import type { CommitObject } from 'isomorphic-git';
import type {
  Clock,
  CommitSha,
  Interruptible,
  StatusBranch,
  StatusCommit,
  StatusFile,
} from '../../../ports.ts';
import { GitError } from '../errors.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import { MemoryObjects } from '../objects/memory-objects.ts';
import { readCommit } from '../snapshot/history.ts';
import type { SignCommit } from './signing/commit-signer.ts';
import { StatusError } from './status-errors.ts';
import { commitCount, STATUS_AUTHOR, withCommitCount } from './status-message.ts';
import { describeBranch, type MoveResult, type StatusStore } from './status-store.ts';
import { buildStatusTree, readStatusTree, type StatusTree } from './status-tree.ts';

const AUTHOR = { name: STATUS_AUTHOR, email: 'weka-gitops@localhost', timezoneOffset: 0 };
/** Every commit holds it, so a branch without it is somebody else's. */
const MARK = 'status.json';
const MAX_TRIES = 10;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
/** How far back the last commit that carries the count is looked for, behind commits of others. */
const COUNT_DEPTH = 50;

interface Tip extends StatusTree {
  readonly commit: Oid;
  readonly tree: Oid;
  /** Commits on the branch, as far as is known. */
  readonly count: number;
}

/** A branch of status commits, written by compare and swap: who loses a race builds on what the winner wrote. */
export class GitStatusBranch implements StatusBranch {
  readonly ref: string;
  readonly #store: StatusStore;
  readonly #clock: Clock;
  readonly #sign: SignCommit | undefined;
  /** What was at the tip when it was last looked at. A commit never changes, so it need not be read twice. */
  #known: Tip | undefined;

  /** Signs its commits where it is told how. */
  constructor(store: StatusStore, ref: string, clock: Clock, sign?: SignCommit) {
    this.#store = store;
    this.ref = ref;
    this.#clock = clock;
    this.#sign = sign;
  }

  async read(): Promise<{ commit: CommitSha; files: readonly StatusFile[] } | undefined> {
    const tip = await this.#tip('read');
    return tip && { commit: asSha(tip.commit), files: tip.files };
  }

  async publish(
    build: (tip: readonly StatusFile[]) => StatusCommit | undefined,
    options: Interruptible = {},
  ): Promise<CommitSha | undefined> {
    for (let tries = 1; ; tries++) {
      const tip = await this.#tip('write', options);
      const wanted = build(tip?.files ?? []);
      if (wanted === undefined) return undefined;
      const outcome = await this.#commit(wanted, tip, options);
      switch (outcome.result) {
        case 'done':
          return asSha(outcome.commit);
        case 'refused':
          throw outcome.error;
        case 'contended':
          if (tries === MAX_TRIES) throw gaveUp(outcome.error, this.ref);
      }
      // Two writers that failed at the same moment must not meet again.
      await this.#pause(Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries), options);
    }
  }

  async #pause(ms: number, { signal }: Interruptible): Promise<void> {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }

  /** The commit at the tip with its files. Throws where the branch is not a record of ours. */
  async #tip(purpose: 'read' | 'write', options: Interruptible = {}): Promise<Tip | undefined> {
    let commit = await this.#store.tip(purpose, options);
    for (let tries = 1; commit !== undefined && commit !== this.#known?.commit; tries++) {
      try {
        this.#known = await this.#readTip(commit, options);
      } catch (error) {
        options.signal?.throwIfAborted();
        // Where the branch has moved on in the meantime, its commit may be gone: that is no failure.
        const now = tries < MAX_TRIES ? await this.#store.tip(purpose, options) : commit;
        if (now === commit) throw error;
        commit = now;
      }
    }
    return commit && this.#known;
  }

  async #readTip(commit: Oid, options: Interruptible): Promise<Tip> {
    try {
      const objects = await this.#store.objects(commit, 1, options);
      const { tree, message } = await readCommit(objects, commit);
      const held = await readStatusTree(tree, objects);
      const count = commitCount(message);
      const ours = count !== undefined || held.empty || held.files.some(({ path }) => path === MARK);
      if (!ours) throw foreign(this.#store.address, this.ref);
      return { commit, tree, ...held, count: count ?? (await this.#countCommits(commit, options)) };
    } catch (error) {
      if (!(error instanceof ObjectError)) throw this.#store.describe(error);
      const { address } = this.#store;
      const message = `${this.ref} of ${address} cannot be read: ${error.message}`;
      throw new GitError('REPOSITORY_CORRUPT', message, {
        hint: '`git fsck` on the repository tells more. Deleting the branch begins the record anew.',
        cause: error,
      });
    }
  }

  /** Behind commits of others: their number and what our last one says, or as many as were looked at. */
  async #countCommits(tip: Oid, options: Interruptible): Promise<number> {
    const objects = await this.#store.objects(tip, COUNT_DEPTH, options);
    let commit: Oid | undefined = tip;
    let seen = 0;
    while (commit !== undefined && seen < COUNT_DEPTH) {
      const found = await objects.commit(commit);
      if (found === undefined) break;
      const count = commitCount(found.message);
      if (count !== undefined) return seen + count;
      seen++;
      [commit] = found.parents;
    }
    return Math.max(1, seen);
  }

  async #commit(wanted: StatusCommit, tip: Tip | undefined, { signal }: Interruptible): Promise<Attempt> {
    const objects = new MemoryObjects();
    const known = tip?.oids ?? new Set<Oid>();
    const { root, oids } = await buildStatusTree(wanted.files, objects, known);
    // Nothing to add: an earlier push that seemed to fail may have arrived.
    if (root === tip?.tree) return { result: 'done', commit: tip.commit };
    const tree: StatusTree = {
      files: wanted.files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      oids,
      empty: wanted.files.length === 0,
    };
    const fresh = [...oids].filter((oid) => !known.has(oid));
    const author = { ...AUTHOR, timestamp: Math.floor(this.#clock.now().getTime() / 1000) };

    const attempt = async (parents: readonly Oid[], count: number): Promise<Attempt> => {
      const message = withCommitCount(wanted.message, count);
      const content = { tree: root, parent: [...parents], message, author, committer: author };
      const commit = await this.#addCommit(objects, content);
      const move = { from: tip?.commit, to: commit, oids: [commit, ...fresh], objects, signal };
      const outcome = await this.#store.move(move);
      if (outcome.result !== 'done') return outcome;
      this.#known = { ...tree, commit, tree: root, count };
      return { result: 'done', commit };
    };

    if (tip === undefined) return attempt([], 1);
    if (tip.count < wanted.keepCommits) return attempt([tip.commit], tip.count + 1);
    const anew = await attempt([], 1);
    // A server may forbid to drop history. Then the branch grows, and this is tried again as many commits later.
    return anew.result === 'refused' ? attempt([tip.commit], 1) : anew;
  }

  async #addCommit(objects: MemoryObjects, content: CommitObject): Promise<Oid> {
    const unsigned = await objects.addCommit(content);
    if (this.#sign === undefined) return unsigned;
    const at = new Date(content.committer.timestamp * 1000);
    const gpgsig = await this.#sign(contentOf(objects.loose(unsigned)), at);
    return await objects.addCommit({ ...content, gpgsig });
  }
}

/** The bytes of an object, of how it stands in a file of its own: packed, behind its type and size. */
function contentOf(loose: Uint8Array): Buffer {
  const bytes = inflateSync(loose);
  return bytes.subarray(bytes.indexOf(0) + 1);
}

type Attempt =
  { readonly result: 'done'; readonly commit: Oid } | Exclude<MoveResult, { readonly result: 'done' }>;

function asSha(oid: Oid): CommitSha {
  return oid as string as CommitSha;
}

function foreign(address: string, ref: string): StatusError {
  const message = `In ${address}, ${describeBranch(ref)} holds something else than status.`;
  return new StatusError('STATUS_FOREIGN', message, {
    hint: `It has no ${MARK}. Rename or delete that branch, or give the cluster another name; it is not overwritten.`,
  });
}

function gaveUp(error: StatusError, ref: string): StatusError {
  if (error.code !== 'STATUS_RACE') return error;
  return new StatusError('STATUS_RACE', `${ref} could not be moved in ${MAX_TRIES} tries. ${error.message}`, {
    hint: 'Other writers were faster each time. Does another installation use the same cluster name?',
    cause: error,
  });
}
