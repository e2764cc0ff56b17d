import { ReconcilerError } from '../errors.ts';
import type { CommitSha, Interruptible, Repository, Snapshot } from '../ports.ts';
import type { Trouble } from './trouble.ts';

/** A commit that the ref points to and that cannot be read, so that the one before stands. */
export interface Halt {
  readonly commit: CommitSha;
  readonly error: ReconcilerError;
}

/** The repository's ref as a process that goes on follows it: where it was last seen, and what was read there. */
export class FollowedRef {
  readonly #repository: Repository;
  readonly #trouble: Trouble;
  #tip: CommitSha | undefined;
  #snapshot: Snapshot | undefined;
  #listing: Promise<CommitSha> | undefined;
  #halt: Halt | undefined;
  /** What kept the last pass from having any commit. */
  #failure: ReconcilerError | undefined;
  /** Whether a pass waits for what is being listed. */
  #isAwaited = false;

  constructor(repository: Repository, trouble: Trouble) {
    this.#repository = repository;
    this.#trouble = trouble;
  }

  /** The commit that is wanted and cannot be read. */
  get halt(): Halt | undefined {
    return this.#halt;
  }

  /** Whether what was read last is where the ref was last seen. */
  get isCurrent(): boolean {
    return this.#snapshot !== undefined && this.#snapshot.commit === this.#tip;
  }

  /** Whether a pass failed of `error` because there was no commit to go by. That is told already. */
  isOurs(error: ReconcilerError): boolean {
    return error === this.#failure;
  }

  /** Looks where the ref is now, by one listing. `unread`: it has moved, and no pass is about to read it. */
  async poll(options: Interruptible = {}): Promise<'unchanged' | 'moved' | 'unread'> {
    if (this.#listing === undefined) this.#isAwaited = false;
    const before = this.#tip;
    const tip = await this.#list(options);
    if (tip === before) return 'unchanged';
    return this.#isAwaited ? 'moved' : 'unread';
  }

  /**
   * The commit that the ref was last seen at. What was read before stands in while that one cannot be read, so that the
   * repository's trouble does not keep a hand edit from being corrected.
   */
  async read(lastCommit: CommitSha | undefined, options: Interruptible = {}): Promise<Snapshot> {
    const known = this.#snapshot;
    const wanted = this.#tip ?? (await this.#listed(options));
    if (known?.commit === wanted) return known;
    if (this.#halt?.commit === wanted && this.#trouble.remainingMs('commit') > 0) {
      return this.#standIn(this.#halt.error);
    }
    try {
      const snapshot = await this.#repository.read(lastCommit, wanted, options);
      this.#snapshot = snapshot;
      this.#halt = undefined;
      this.#trouble.ended('commit');
      // A poll may have seen a later one meanwhile.
      if (this.#tip === wanted) this.#tip = snapshot.commit;
      return snapshot;
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      options.signal?.throwIfAborted();
      this.#halt = { commit: wanted, error };
      const what = 'Could not read the commit';
      this.#trouble.failed(
        'commit',
        error,
        known === undefined ? what : `${what}; going on with the one before`,
      );
      return this.#standIn(error);
    }
  }

  #standIn(error: ReconcilerError): Snapshot {
    if (this.#snapshot === undefined) throw this.#failed(error);
    return this.#snapshot;
  }

  #failed(error: ReconcilerError): ReconcilerError {
    this.#failure = error;
    return error;
  }

  /** The tip for a pass before any was seen; what it fails of is told by the poll. */
  async #listed(options: Interruptible): Promise<CommitSha> {
    if (this.#failure !== undefined && this.#trouble.remainingMs('repository') > 0) throw this.#failure;
    this.#isAwaited = true;
    try {
      return await this.#list(options);
    } catch (error) {
      if (error instanceof ReconcilerError) this.#failed(error);
      throw error;
    }
  }

  /** One listing, for all who ask meanwhile. */
  async #list(options: Interruptible): Promise<CommitSha> {
    this.#listing ??= this.#repository.tip(options).finally(() => (this.#listing = undefined));
    const tip = await this.#listing;
    this.#tip = tip;
    // It is where it was read before: nothing is wanted that cannot be read.
    if (tip === this.#snapshot?.commit) this.#halt = undefined;
    return tip;
  }
}
