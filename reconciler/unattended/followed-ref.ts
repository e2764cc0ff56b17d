import { ReconcilerError } from '../errors.ts';
import type { CommitSha, Interruptible, Repository, Snapshot } from '../ports.ts';
import type { Trouble } from './trouble.ts';

/** A commit that the ref points to and that cannot be read, so that the one before stands. */
export interface Halt {
  readonly commit: CommitSha;
  readonly error: ReconcilerError;
}

/** What was read last. */
interface Known {
  readonly snapshot: Snapshot;
  /** The commit that had been applied last when it was read: it follows that one. */
  readonly follows: CommitSha | undefined;
}

/** The repository's ref as a process that goes on follows it: where it was last seen, and what was read there. */
export class FollowedRef {
  readonly #repository: Repository;
  readonly #trouble: Trouble;
  /** Where the ref was last seen under the lease that is held. */
  #tip: CommitSha | undefined;
  #known: Known | undefined;
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
    if (this.#known === undefined || this.#known.snapshot.commit !== this.#tip) return false;
    return this.#halt?.commit !== this.#tip;
  }

  /** Whether a pass failed of `error` because there was no commit to go by. That is told already. */
  isOurs(error: ReconcilerError): boolean {
    return error === this.#failure;
  }

  /** To be told whenever the lease is taken: another one may have applied what the ref pointed to meanwhile. */
  taken(): void {
    this.#tip = undefined;
    this.#listing = undefined;
    this.#known &&= { ...this.#known, follows: this.#known.snapshot.commit };
  }

  /**
   * Looks where the ref is now, by one listing. `unread`: it has moved, or what was read there is accepted no longer, or
   * again, and no pass is about to look.
   */
  async poll(options: Interruptible = {}): Promise<'unchanged' | 'moved' | 'unread'> {
    if (this.#listing === undefined) this.#isAwaited = false;
    const before = this.#tip;
    const tip = await this.#list(options);
    if (tip === before) return (await this.#hasTurned()) ? 'unread' : 'unchanged';
    return this.#isAwaited ? 'moved' : 'unread';
  }

  /**
   * The commit that the ref was last seen at. What was read before stands in while that one cannot be read, so that the
   * repository's trouble does not keep a hand edit from being corrected.
   */
  async read(lastCommit: CommitSha | undefined, options: Interruptible = {}): Promise<Snapshot> {
    const usable = this.#usable(lastCommit);
    const refusal = await refusalOf(usable);
    const known = refusal === undefined ? usable : undefined;
    let wanted: CommitSha;
    try {
      wanted = this.#tip ?? (await this.#listed(options));
    } catch (error) {
      if (known === undefined || !(error instanceof ReconcilerError)) throw error;
      options.signal?.throwIfAborted();
      return known;
    }
    if (usable?.commit === wanted) {
      if (refusal !== undefined) this.#refused(wanted, refusal);
      if (this.#halt?.commit === wanted) this.#over();
      return usable;
    }
    if (this.#halt?.commit === wanted && this.#trouble.remainingMs('commit') > 0) {
      return known ?? this.#fail(this.#halt.error);
    }
    try {
      const snapshot = await this.#repository.read(lastCommit, wanted, options);
      this.#known = { snapshot, follows: lastCommit };
      this.#over();
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
      return known ?? this.#fail(error);
    }
  }

  /** Whether what was read where the ref is has come to be refused, or to be accepted again, and no pass has seen it. */
  async #hasTurned(): Promise<boolean> {
    const snapshot = this.#known?.snapshot;
    if (snapshot === undefined || snapshot.commit !== this.#tip) return false;
    const isRefused = (await refusalOf(snapshot)) !== undefined;
    return isRefused !== (this.#halt?.commit === snapshot.commit);
  }

  /** Has a pass end for want of a commit: what was read before is not accepted any more. */
  #refused(commit: CommitSha, error: ReconcilerError): never {
    const isKnown = this.#halt?.commit === commit && this.#halt.error.message === error.message;
    this.#halt = { commit, error };
    if (!isKnown || this.#trouble.remainingMs('commit') === 0) {
      this.#trouble.failed('commit', error, 'The commit is not accepted any more; nothing is applied');
    }
    return this.#fail(error);
  }

  /**
   * What was read before, as long as nothing else was applied since: the record says that it was applied last itself, or
   * still the one that it was found to follow. Anything else would take the cluster back to where it was, and delete what
   * came later, so the repository is asked again, and nothing stands in for it.
   */
  #usable(lastCommit: CommitSha | undefined): Snapshot | undefined {
    if (this.#known === undefined) return undefined;
    const { snapshot, follows } = this.#known;
    if (lastCommit === snapshot.commit || lastCommit === follows) return snapshot;
    this.#known = undefined;
    this.#tip = undefined;
    return undefined;
  }

  #fail(error: ReconcilerError): never {
    this.#failure = error;
    throw error;
  }

  /** The tip for a pass before any was seen; what it fails of is told by the poll. */
  async #listed(options: Interruptible): Promise<CommitSha> {
    if (this.#failure !== undefined && this.#trouble.remainingMs('repository') > 0) throw this.#failure;
    this.#isAwaited = true;
    try {
      return await this.#list(options);
    } catch (error) {
      if (error instanceof ReconcilerError) this.#failure = error;
      throw error;
    }
  }

  /** One listing, for all who ask meanwhile. */
  async #list(options: Interruptible): Promise<CommitSha> {
    this.#listing ??= this.#repository.tip(options).finally(() => (this.#listing = undefined));
    const tip = await this.#listing;
    this.#tip = tip;
    // It is back where it was read before: nothing is wanted that cannot be read.
    if (tip === this.#known?.snapshot.commit && tip !== this.#halt?.commit) this.#over();
    return tip;
  }

  #over(): void {
    this.#halt = undefined;
    this.#trouble.ended('commit');
  }
}

/** Why what was read before would not be given any more. */
async function refusalOf(snapshot: Snapshot | undefined): Promise<ReconcilerError | undefined> {
  try {
    await snapshot?.verify?.();
    return undefined;
  } catch (error) {
    if (error instanceof ReconcilerError) return error;
    throw error;
  }
}
