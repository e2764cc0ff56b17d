import { GitError } from '../errors.ts';
import { describeBytes } from '../limits.ts';
import {
  ObjectError,
  ObjectKindError,
  type GitObject,
  type ObjectType,
  type Oid,
} from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { EMPTY } from './commit-places.ts';
import { mergeTooLarge } from './merge-errors.ts';
import type { MergeWork } from './merge-work.ts';
import { encodeFolder, type Folder, hashBytes, parseFolder } from './raw-folder.ts';

const MIB = 1024 * 1024;
/** What a merge may make: folders with other entries, and files with both changes. */
const MADE_BYTES = 32 * MIB;
/** One folder, which is taken apart in one go. */
const FOLDER_BYTES = 8 * MIB;
/** Entries of the folders that are kept. */
const KEPT_ENTRIES = 300_000;

/** The objects of a repository, and those that one merge makes, which are nowhere but in memory. */
export class MergeObjects {
  /** What is done with these objects. */
  readonly work: MergeWork;
  readonly #stored: GitObjects;
  readonly #made: Map<Oid, GitObject>;
  readonly #folders = new Map<Oid, Folder>();
  /** Files of a merge of merge bases which nobody has merged. They are never read. */
  readonly #unknown = new Set<Oid>();
  #kept = 0;
  #bytes = 0;

  /** What is made is added to `made`, which `stored` has to give as well. */
  constructor(stored: GitObjects, made: Map<Oid, GitObject>, work: MergeWork) {
    this.work = work;
    this.#stored = stored;
    this.#made = made;
  }

  /** What is in a folder; nothing where there is none. */
  async folder(oid: Oid | undefined): Promise<Folder> {
    if (oid === undefined || oid === EMPTY) return new Map();
    const folder = this.#folders.get(oid) ?? (await this.#read(oid));
    this.work.entries(folder.size + 1);
    return folder;
  }

  /** The content of a file, or only its size where it has more than `most` bytes. */
  async file(oid: Oid, most: number): Promise<Uint8Array | number> {
    return this.#stored.blob(oid, most);
  }

  /** Gives no name to a folder without entries, as git has none. `known` are folders that are there already. */
  addFolder(folder: Folder, known: readonly (Oid | undefined)[]): Oid | undefined {
    if (folder.size === 0) return undefined;
    const content = encodeFolder(folder);
    const oid = hashBytes('tree', content);
    return known.includes(oid) ? oid : this.add('tree', content);
  }

  add(type: ObjectType, content: Buffer): Oid {
    const oid = hashBytes(type, content);
    if (this.#made.has(oid)) return oid;
    this.#bytes += content.length;
    if (this.#bytes > MADE_BYTES) {
      const most = describeBytes(MADE_BYTES);
      throw mergeTooLarge('The pull request and its base have too much to merge', most);
    }
    this.#made.set(oid, { oid, type, content });
    return oid;
  }

  /** A name for the content of a file that nobody has merged: it is like no other. */
  addUnknown(path: string): Oid {
    const oid = hashBytes('blob', Buffer.from(`unmerged ${this.#unknown.size} ${path}`));
    this.#unknown.add(oid);
    return oid;
  }

  isUnknown(oid: Oid): boolean {
    return this.#unknown.has(oid);
  }

  async #read(oid: Oid): Promise<Folder> {
    const object = await this.#stored.object(oid);
    if (object === undefined) throw new ObjectError(`Object ${oid} is missing.`);
    if (object.type !== 'tree') throw new ObjectKindError(oid, object.type, 'tree');
    if (object.content.length > FOLDER_BYTES) {
      const most = describeBytes(FOLDER_BYTES);
      throw mergeTooLarge('A folder of the pull request or of its base is too large', most);
    }
    const folder = parsed(object.content);
    this.#kept += folder.size;
    if (this.#kept > KEPT_ENTRIES) {
      this.#folders.clear();
      this.#kept = folder.size;
    }
    this.#folders.set(oid, folder);
    return folder;
  }
}

/** Its content is what its name says, so nobody has damaged it on the way: it was made like this. */
function parsed(content: Buffer): Folder {
  try {
    return parseFolder(content);
  } catch (cause) {
    if (!(cause instanceof ObjectError)) throw cause;
    const message = 'A folder of the pull request or of its base is not as git makes it.';
    const hint = 'Look at both with git fsck; nothing is planned before the folder is mended.';
    throw new GitError('REPOSITORY_CORRUPT', message, { hint, cause });
  }
}
