import type { CommitSha, Repository, Snapshot } from '../../../ports.ts';
import { GitError, notACommit, refNotFound } from '../errors.ts';
import { limitsOf, type GitConfig } from '../git-config.ts';
import type { Limits } from '../limits.ts';
import { ObjectError, ObjectKindError, type Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { configuredCommit, fullNames } from '../snapshot/configured-ref.ts';
import { historyRewritten, walkHistory } from '../snapshot/history.ts';
import { openCommitVerifier } from '../signatures/commit-verifier.ts';
import { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { mustNotBeStatus } from '../status-ref.ts';
import { gitFolder } from './git-folder.ts';
import { localObjects } from './local-objects.ts';
import { branchesAndTags, readRef } from './local-refs.ts';

const MAX_LINKS = 5;

/** A repository on this machine, opened where it is. Nothing is copied, and nothing written. */
export class LocalRepository implements Repository {
  readonly #config: GitConfig;
  readonly #path: string;
  readonly #limits: Limits;
  readonly #snapshots: SnapshotReader;

  constructor(config: GitConfig, path: string) {
    this.#config = config;
    this.#path = path;
    this.#limits = limitsOf(config);
    const verifier = config.verify && openCommitVerifier(config.verify);
    this.#snapshots = new SnapshotReader(config.path, this.#limits, path, verifier);
  }

  async tip(): Promise<CommitSha> {
    return this.#open(async (objects, folder) => (await this.#tip(objects, folder)) as string as CommitSha);
  }

  async read(lastApplied?: CommitSha): Promise<Snapshot> {
    return this.#open(async (objects, folder) => {
      const tip = await this.#tip(objects, folder);
      await this.#checkAncestor(objects, tip, lastApplied);
      return (
        (await this.#snapshots.last(tip)) ??
        this.#snapshots.read(objects, tip, () => localObjects(folder, this.#limits))
      );
    });
  }

  async #open<Result>(use: (objects: GitObjects, folder: string) => Promise<Result>): Promise<Result> {
    const folder = await gitFolder(this.#path);
    const objects = localObjects(folder, this.#limits);
    try {
      return await use(objects, folder);
    } catch (cause) {
      if (!(cause instanceof ObjectError)) throw cause;
      throw new GitError('REPOSITORY_CORRUPT', `The repository at ${this.#path} is damaged.`, {
        hint: `Run git -C ${this.#path} fsck to see what is missing.`,
        cause,
      });
    }
  }

  async #tip(objects: GitObjects, folder: string): Promise<Oid> {
    const { ref } = this.#config;
    const commit = configuredCommit(ref);
    if (commit !== undefined) {
      const found = await this.#peeled(objects, commit);
      if (found !== undefined) return found;
      throw new GitError('REF_NOT_FOUND', `${this.#path} has no commit ${commit}.`, {
        hint: 'Configure a commit, branch or tag that the repository has.',
      });
    }
    for (const name of fullNames(ref)) {
      const oid = await this.#resolve(folder, name);
      if (oid === undefined) continue;
      const commit = await this.#peeled(objects, oid);
      if (commit === undefined) throw new ObjectError(`Object ${oid} is missing.`);
      return commit;
    }
    throw refNotFound(this.#path, ref, await branchesAndTags(folder));
  }

  /** The commit behind what a ref points to; undefined where it is not here. */
  async #peeled(objects: GitObjects, oid: Oid): Promise<Oid | undefined> {
    try {
      return (await objects.commit(oid))?.oid;
    } catch (error) {
      throw error instanceof ObjectKindError ? notACommit(this.#path, error) : error;
    }
  }

  async #checkAncestor(objects: GitObjects, tip: Oid, lastApplied: CommitSha | undefined): Promise<void> {
    const accepted = this.#config.acceptRewrittenHistory?.toLowerCase();
    if (lastApplied === undefined || accepted === tip) return;
    const { historyCommits } = this.#limits;
    const wanted = lastApplied as string as Oid;
    const { found, exhausted } = await walkHistory(objects, [tip], wanted, historyCommits);
    if (!found) throw historyRewritten(this.#path, tip, lastApplied, exhausted ? historyCommits : undefined);
  }

  async #resolve(folder: string, ref: string): Promise<Oid | undefined> {
    let name = ref;
    for (let links = 0; links <= MAX_LINKS; links++) {
      const value = await readRef(folder, name);
      if (value === undefined) return undefined;
      mustNotBeStatus(name, this.#path);
      if ('oid' in value) return value.oid;
      name = value.symbolic;
    }
    return undefined;
  }
}
