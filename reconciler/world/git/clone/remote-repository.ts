import type { CommitSha, Interruptible, Repository, Snapshot } from '../../../ports.ts';
import { GitError, refNotFound } from '../errors.ts';
import { isGone } from '../file-error.ts';
import { limitsOf, type GitConfig } from '../git-config.ts';
import type { Limits } from '../limits.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import { configuredCommit, lookUp, shortNames } from '../snapshot/configured-ref.ts';
import { historyRewritten, walkHistory } from '../snapshot/history.ts';
import { openCommitVerifier } from '../signatures/commit-verifier.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { headMustNotBeStatus } from '../status-ref.ts';
import { readAdvertisement } from '../wire/advertisement.ts';
import { openTransport, type Transport } from '../wire/transport.ts';
import { describeCacheFailure } from './cache-errors.ts';
import { CloneCache, type Fetch } from './clone-cache.ts';

/** How deep the history is fetched, step by step, until the commit that was applied last is in it. */
const DEPTHS = [50, 500, 2_500];
/** More often than this no other process replaces the clone under us. */
const ATTEMPTS = 10;

/** What the ref points to, and how to ask for it. */
interface Tip {
  readonly oid: Oid;
  readonly version: 0 | 2;
  /** Whether the server can leave out old commits. */
  readonly shallow: boolean;
}

/** A tip that somebody wants to read, until he gives up. */
type Wanted = Tip & Interruptible;

/** A repository on a server, read through a shallow clone. */
export class RemoteRepository implements Repository {
  readonly #config: GitConfig;
  readonly #limits: Limits;
  readonly #transport: Transport;
  readonly #clone: CloneCache;
  readonly #snapshots: SnapshotReader;
  /** What `tip()` gave last. */
  #listed: Tip | undefined;

  constructor(config: GitConfig) {
    this.#config = config;
    this.#limits = limitsOf(config);
    this.#transport = openTransport(config);
    this.#clone = new CloneCache(config.cacheDir, this.#transport, this.#limits);
    const verifier = config.verify && openCommitVerifier(config.verify);
    this.#snapshots = new SnapshotReader(config.path, this.#limits, this.#transport.url, verifier);
  }

  async tip(options: Interruptible = {}): Promise<CommitSha> {
    this.#listed = await this.#tip(options);
    return this.#listed.oid as string as CommitSha;
  }

  async read(lastApplied?: CommitSha, seen?: CommitSha, options: Interruptible = {}): Promise<Snapshot> {
    const { signal } = options;
    const listed = this.#listed;
    if (listed === undefined || (listed.oid as string) !== seen) {
      return await this.#read({ ...(await this.#tip(options)), signal }, lastApplied);
    }
    try {
      return await this.#read({ ...listed, signal }, lastApplied);
    } catch (error) {
      signal?.throwIfAborted();
      // A branch that was rewritten since may have left the server without that commit.
      const tip = await this.#tip(options);
      if (tip.oid === listed.oid) throw error;
      return await this.#read({ ...tip, signal }, lastApplied);
    }
  }

  async #read(tip: Wanted, lastApplied: CommitSha | undefined): Promise<Snapshot> {
    const ancestor = this.#ancestorToCheck(tip.oid, lastApplied);
    const known = await this.#snapshots.last(tip.oid);
    if (known !== undefined && ancestor === undefined) return known;
    // A clone that turns out to be damaged is made anew once, unless another process has just done so.
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      const identity = await this.#clone.identity();
      try {
        return await this.#readFrom(tip, ancestor);
      } catch (error) {
        tip.signal?.throwIfAborted();
        // What another process put in place of the clone makes what was just fetched for the old one look damaged.
        // Between the two renames of a replacement there is no clone.
        const now = await this.#clone.identity();
        const replaced = now === undefined || now !== identity;
        if (replaced && attempt < ATTEMPTS && (isDamage(error) || isCorrupt(error))) continue;
        if (!isDamage(error)) throw describeCacheFailure(this.#clone.folder, error);
        if (replaced || renewed) throw this.#beyondRepair(error);
        const { folder } = this.#clone;
        this.#config.log?.warn({ folder, code: 'REPOSITORY_CACHE' }, 'The clone is damaged; making it anew');
        await this.#renew(tip);
        renewed = true;
      } finally {
        this.#clone.forgetReceived();
      }
    }
  }

  async #tip(options: Interruptible): Promise<Tip> {
    const { ref } = this.#config;
    const commit = configuredCommit(ref);
    // A commit by its name needs no listing, and only the newer protocol gives it out.
    if (commit !== undefined) return { oid: commit, version: 2, shallow: true };
    const { refs, capabilities } = await readAdvertisement(this.#transport, 'git-upload-pack', options);
    if (ref === 'HEAD') headMustNotBeStatus(refs, this.#transport.url);
    const oid = lookUp(refs, ref);
    if (oid === undefined) throw refNotFound(this.#transport.url, ref, shortNames(refs.keys()));
    return { oid, version: 0, shallow: capabilities.has('shallow') };
  }

  /** The commit that has to be an ancestor of the tip, unless nothing has to be looked up for it. */
  #ancestorToCheck(tip: Oid, lastApplied: CommitSha | undefined): Oid | undefined {
    const accepted = this.#config.acceptRewrittenHistory?.toLowerCase();
    if (lastApplied === undefined || lastApplied === (tip as string) || accepted === tip) return undefined;
    return lastApplied as string as Oid;
  }

  async #readFrom(tip: Wanted, ancestor: Oid | undefined): Promise<Snapshot> {
    await this.#ensure(tip);
    if (ancestor !== undefined) await this.#checkAncestor(tip, ancestor);
    const known = await this.#snapshots.last(tip.oid);
    if (known !== undefined) return known;
    const reopen = () => this.#clone.objects();
    return this.#snapshots.read(reopen(), tip.oid, reopen, (depth, options) =>
      this.#deepen({ ...tip, ...options }, depth),
    );
  }

  /** Fetches older commits, for whoever follows the history of a snapshot. */
  async #deepen(tip: Wanted, depth: number): Promise<void> {
    try {
      await this.#clone.add({ ...fetchOf(tip, depth), haves: [tip.oid] });
    } catch (error) {
      tip.signal?.throwIfAborted();
      throw describeCacheFailure(this.#clone.folder, error);
    } finally {
      this.#clone.forgetReceived();
    }
  }

  async #ensure(tip: Wanted): Promise<void> {
    if ((await this.#clone.objects().commit(tip.oid)) !== undefined) return;
    const packs = await this.#clone.packs();
    if (packs === 0 || packs >= this.#limits.packs) await this.#renew(tip);
    else await this.#clone.add(fetchOf(tip, 1));
  }

  async #renew(tip: Wanted): Promise<void> {
    try {
      await this.#clone.renew(fetchOf(tip, 1));
    } catch (error) {
      tip.signal?.throwIfAborted();
      throw describeCacheFailure(this.#clone.folder, error);
    }
  }

  async #checkAncestor(tip: Wanted, ancestor: Oid): Promise<void> {
    const { historyCommits } = this.#limits;
    const depths = [...DEPTHS.filter((depth) => depth < historyCommits), historyCommits];
    for (let step = 0; ; step++) {
      const { found, boundary, exhausted } = await walkHistory(
        this.#clone.objects(),
        [tip.oid],
        ancestor,
        historyCommits,
      );
      if (found) return;
      if (!exhausted && boundary.length === 0) throw historyRewritten(this.#transport.url, tip.oid, ancestor);
      const depth = depths[step];
      if (exhausted || depth === undefined) {
        throw historyRewritten(this.#transport.url, tip.oid, ancestor, historyCommits);
      }
      await this.#clone.add({ ...fetchOf(tip, depth), haves: [tip.oid, ancestor] });
    }
  }

  #beyondRepair(cause: unknown): GitError {
    return new GitError('REPOSITORY_CORRUPT', `${this.#transport.url} could be fetched, but not read.`, {
      hint: `Look at the repository with git fsck; the clone is in ${this.#clone.folder}.`,
      cause,
    });
  }
}

function fetchOf({ oid, version, shallow, signal }: Wanted, depth: number): Fetch {
  return { want: oid, version, depth: shallow ? depth : undefined, signal };
}

/** The clone does not hold what it should. */
function isDamage(error: unknown): boolean {
  return error instanceof ObjectError || isGone(error);
}

function isCorrupt(error: unknown): boolean {
  return error instanceof GitError && error.code === 'REPOSITORY_CORRUPT';
}
