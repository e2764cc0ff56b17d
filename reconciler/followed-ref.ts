import { ReconcilerError } from './errors.ts';
import type { CommitSha, Repository, Snapshot } from './ports.ts';
import type { Trouble } from './trouble.ts';

/** The repository's ref as a process that goes on follows it: where it was last seen, and what was read there. */
export class FollowedRef {
  readonly #repository: Repository;
  readonly #trouble: Trouble;
  #tip: CommitSha | undefined;
  #snapshot: Snapshot | undefined;
  #listing: Promise<CommitSha> | undefined;
  /** Whether a pass waits for what is being listed. */
  #isAwaited = false;

  constructor(repository: Repository, trouble: Trouble) {
    this.#repository = repository;
    this.#trouble = trouble;
  }

  /** Looks where the ref is now, by one listing. `unread`: it has moved, and no pass is about to read it. */
  async poll(): Promise<'unchanged' | 'moved' | 'unread'> {
    this.#isAwaited = false;
    const listing = this.#repository.tip();
    this.#listing = listing;
    try {
      const tip = await listing;
      if (tip === this.#tip) return 'unchanged';
      this.#tip = tip;
      return this.#isAwaited ? 'moved' : 'unread';
    } finally {
      this.#listing = undefined;
    }
  }

  /**
   * The commit that the ref was last seen at. What was read before stands in while the repository cannot be read, so
   * that its trouble does not keep a hand edit from being corrected.
   */
  async read(lastCommit: CommitSha | undefined): Promise<Snapshot> {
    const known = this.#snapshot;
    if (known === undefined && this.#listing !== undefined) {
      this.#isAwaited = true;
      // What it fails of is told by the poll; reading it will fail of the same.
      await this.#listing.catch(() => undefined);
    }
    const wanted = this.#tip;
    if (known !== undefined && known.commit === wanted) return known;
    try {
      const snapshot = await this.#repository.read(lastCommit, wanted);
      this.#snapshot = snapshot;
      // A poll may have seen a later one meanwhile.
      if (this.#tip === wanted) this.#tip = snapshot.commit;
      return snapshot;
    } catch (error) {
      if (!(error instanceof ReconcilerError) || known === undefined) throw error;
      this.#trouble.failed(
        'repository',
        error,
        'Could not read the repository; going on with the commit before',
      );
      // The next poll finds the ref moved, and asks again.
      this.#tip = known.commit;
      return known;
    }
  }
}
