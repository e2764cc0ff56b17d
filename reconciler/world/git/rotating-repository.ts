import { isDeepStrictEqual } from 'node:util';
import { ReconcilerError } from '../../errors.ts';
import type { Merges } from '../../forge-port.ts';
import type { Repository, StatusBranch } from '../../ports.ts';

/** What a server may answer to credentials that it takes no more; some will not even say that the repository exists. */
const REFUSALS = new Set(['REPOSITORY_AUTH', 'REPOSITORY_NOT_FOUND']);

/** Where credentials come from that somebody replaces while the process goes on. */
export interface Rotation<Credentials> {
  /** As they were when the process started. */
  readonly first: Credentials;
  /** Reads their files again. */
  readonly read: () => Promise<Credentials>;
  /** Told once when the files cannot be read, until they can be again or it is for another reason. */
  readonly onUnreadable: (error: ReconcilerError) => void;
}

/** `open`, opened anew whenever the files hold other credentials than before. */
export function rotatingRepository<Credentials>(
  rotation: Rotation<Credentials>,
  open: (credentials: Credentials) => Repository,
): Repository {
  const rotating = new Rotating(rotation, open);
  return {
    tip: (...args) => rotating.use((repository) => repository.tip(...args)),
    read: (...args) => rotating.use((repository) => repository.read(...args)),
  };
}

/** As `rotatingRepository`, for the status branch. */
export function rotatingStatusBranch<Credentials>(
  rotation: Rotation<Credentials>,
  open: (credentials: Credentials) => StatusBranch,
): StatusBranch {
  const rotating = new Rotating(rotation, open);
  return {
    ref: rotating.opened.ref,
    read: () => rotating.use((branch) => branch.read()),
    publish: (...args) => rotating.use((branch) => branch.publish(...args)),
  };
}

/** As `rotatingRepository`, for merges. */
export function rotatingMerges<Credentials>(
  rotation: Rotation<Credentials>,
  open: (credentials: Credentials) => Merges,
): Merges {
  const rotating = new Rotating(rotation, open);
  return {
    base: (...args) => rotating.use((merges) => merges.base(...args)),
    preview: (...args) => rotating.use((merges) => merges.preview(...args)),
  };
}

/** Looks at the files before each use, which costs nothing beside a request, and again when the server refuses. */
class Rotating<Credentials, Opened> {
  readonly #rotation: Rotation<Credentials>;
  readonly #open: (credentials: Credentials) => Opened;
  #credentials: Credentials;
  #opened: Opened;
  /** What was told of the files, while they cannot be read. */
  #unreadable: string | undefined;

  constructor(rotation: Rotation<Credentials>, open: (credentials: Credentials) => Opened) {
    this.#rotation = rotation;
    this.#open = open;
    this.#credentials = rotation.first;
    this.#opened = open(rotation.first);
  }

  get opened(): Opened {
    return this.#opened;
  }

  async use<Result>(work: (opened: Opened) => Promise<Result>): Promise<Result> {
    await this.#look();
    try {
      return await work(this.#opened);
    } catch (error) {
      const isRefused = error instanceof ReconcilerError && REFUSALS.has(error.code);
      if (!isRefused || !(await this.#look())) throw error;
      return await work(this.#opened);
    }
  }

  /** Whether there are others than before. While a file cannot be read, what was in it goes on being used. */
  async #look(): Promise<boolean> {
    let found: Credentials;
    try {
      found = await this.#rotation.read();
    } catch (error) {
      if (!(error instanceof ReconcilerError)) throw error;
      if (this.#unreadable !== error.message) this.#rotation.onUnreadable(error);
      this.#unreadable = error.message;
      return false;
    }
    this.#unreadable = undefined;
    if (isDeepStrictEqual(found, this.#credentials)) return false;
    this.#credentials = found;
    this.#opened = this.#open(found);
    return true;
  }
}
