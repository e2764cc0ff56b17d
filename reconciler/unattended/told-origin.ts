import type { Origin } from '../assess.ts';
import { ReconcilerError } from '../errors.ts';
import type { CommitSha, Repository, Snapshot } from '../ports.ts';
import type { Ended } from './tell-once.ts';

/** The repository as the origin of one pass, which remembers what is told of the commit later. */
export class ToldOrigin {
  readonly #repository: Repository;
  #snapshot: Snapshot | undefined;
  #lastCommit: CommitSha | undefined;
  /** The commit that is wanted. */
  #tip: CommitSha | undefined;
  #failure: unknown;

  constructor(repository: Repository) {
    this.#repository = repository;
  }

  /** The commit that was carried out before. */
  get lastCommit(): CommitSha | undefined {
    return this.#lastCommit;
  }

  readonly read: Origin = async (lastCommit, options) => {
    this.#lastCommit = lastCommit;
    try {
      this.#tip = await this.#repository.tip(options);
      return (this.#snapshot = await this.#repository.read(lastCommit, this.#tip, options));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  };

  /** The commit that was read, and those that came with it. */
  readonly commits = async (): Promise<readonly CommitSha[]> => {
    const { commit, history } = this.#snapshot ?? {};
    if (commit === undefined) return [];
    const since = this.#lastCommit === undefined ? [] : await history?.().commitsSince(this.#lastCommit);
    return [...new Set([commit, ...(since ?? [])])];
  };

  /** The commit that a pass failed of; undefined where it failed of something else, or of what time mends. */
  unread(error: unknown): Extract<Ended, { error: ReconcilerError }> | undefined {
    if (error !== this.#failure || this.#tip === undefined || !(error instanceof ReconcilerError))
      return undefined;
    return error.retry === 'after-change' ? { commit: this.#tip, error } : undefined;
  }
}
