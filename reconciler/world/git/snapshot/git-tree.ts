import type { RepositoryEntry, RepositoryTree } from '../../../ports.ts';
import { GitError } from '../errors.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { FOLDER, type TreeEntry } from '../objects/tree-entry.ts';

const LINK = '120000';
const PLAIN = /^100[0-7]{3}$/;

/** All files of one commit, read from the objects of a repository when they are asked for. */
export class GitTree implements RepositoryTree {
  readonly #objects: GitObjects;
  readonly #root: Oid;
  readonly #shown: string;
  readonly #folders = new Map<Oid, ReadonlyMap<string, TreeEntry>>();

  /** `shown` is what messages call the repository. */
  constructor(objects: GitObjects, root: Oid, shown: string) {
    this.#objects = objects;
    this.#root = root;
    this.#shown = shown;
  }

  async entry(path: string): Promise<RepositoryEntry | undefined> {
    const found = await this.#find(path);
    if (found === undefined) return undefined;
    const kind = kindOf(found.mode);
    return kind === 'file' ? { kind, oid: found.oid } : { kind };
  }

  async read(path: string, most: number): Promise<Uint8Array | number> {
    const found = await this.#find(path);
    if (found === undefined || kindOf(found.mode) !== 'file') throw new TypeError(`${path} is not a file.`);
    return this.#present(() => this.#objects.blob(found.oid, most));
  }

  async #find(path: string): Promise<Pick<TreeEntry, 'mode' | 'oid'> | undefined> {
    let at: Pick<TreeEntry, 'mode' | 'oid'> = { mode: FOLDER, oid: this.#root };
    for (const part of path.split('/').filter((each) => each !== '' && each !== '.')) {
      if (at.mode === LINK) return at;
      if (at.mode !== FOLDER) return undefined;
      const next = (await this.#folder(at.oid)).get(part);
      if (next === undefined) return undefined;
      at = next;
    }
    return at;
  }

  async #folder(oid: Oid): Promise<ReadonlyMap<string, TreeEntry>> {
    const known = this.#folders.get(oid);
    if (known !== undefined) return known;
    const entries = await this.#present(() => this.#objects.tree(oid));
    const folder = new Map(entries.map((entry) => [entry.name, entry]));
    this.#folders.set(oid, folder);
    return folder;
  }

  async #present<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (cause) {
      if (!(cause instanceof ObjectError)) throw cause;
      throw new GitError('REPOSITORY_CORRUPT', `${this.#shown} could not be read in whole.`, {
        hint: 'Try again; where that does not help, look at the repository with git fsck.',
        cause,
      });
    }
  }
}

function kindOf(mode: string): RepositoryEntry['kind'] {
  if (mode === FOLDER) return 'folder';
  if (mode === LINK) return 'link';
  return PLAIN.test(mode) ? 'file' : 'other';
}
