import { setImmediate } from 'node:timers/promises';
import { ReconcilerError } from '../../../errors.ts';
import { mustFit } from '../errors.ts';
import { fileErrorCode } from '../file-error.ts';
import type { Limits } from '../limits.ts';
import { type CommitLinks, parseLinks } from './commit-links.ts';
import { ObjectError, ObjectKindError, type GitObject, type ObjectType, type Oid } from './git-object.ts';
import { loadLibrary, type Library } from './library.ts';
import type { ObjectFiles } from './object-files.ts';
import { parseTree, type TreeEntry } from './tree-entry.ts';

/** The library keeps what it has unpacked until its cache is dropped, which is done after as much. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Objects that are read in one go. */
const STEPS = 32;

export interface Commit {
  /** Another one than was asked for where that was an annotated tag. */
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: string;
  /** When the author wrote it. */
  readonly date: Date;
  readonly message: string;
}

/**
 * The objects of a repository for the length of one read. What it holds in memory goes with it.
 *
 * Objects of a clone were measured when it received them. A repository on this machine is trusted further: its files
 * have a limit, but how large an object is shows only once it is unpacked.
 */
export class GitObjects {
  readonly #files: ObjectFiles;
  readonly #limits: Limits;
  #cache = {};
  #kept = 0;
  #steps = 0;

  constructor(files: ObjectFiles, limits: Limits) {
    this.#files = files;
    this.#limits = limits;
  }

  /** The commit, or the one that an annotated tag stands for; undefined where it is not here. */
  async commit(oid: Oid): Promise<Commit | undefined> {
    return this.#ask(oid, async () => {
      const { readCommit } = await loadLibrary();
      const found = await readCommit(this.#request(oid));
      const { tree, parent, author, message } = found.commit;
      return {
        oid: found.oid as Oid,
        tree: tree as Oid,
        parents: parent as Oid[],
        author: author.name,
        date: new Date(author.timestamp * 1000),
        message,
      };
    });
  }

  /** Where a commit stands, at a fraction of what `commit` costs; undefined where it is not here. */
  async links(oid: Oid): Promise<CommitLinks | undefined> {
    const found = await this.object(oid);
    if (found === undefined) return undefined;
    if (found.type !== 'commit') throw new ObjectKindError(oid, found.type, 'commit');
    return parseLinks(found.content);
  }

  async tree(oid: Oid): Promise<TreeEntry[]> {
    const { type, content } = present(oid, await this.object(oid));
    if (type !== 'tree') throw new ObjectKindError(oid, type, 'tree');
    return parseTree(content);
  }

  /** The content of a file, as the caller's own copy, or only its size where it has more than `most` bytes. */
  async blob(oid: Oid, most: number): Promise<Uint8Array<ArrayBuffer> | number> {
    const large = (await this.#files.largeFiles()).get(oid);
    if (large !== undefined && large > most) return large;
    const { type, content } = present(oid, await this.object(oid));
    if (type !== 'blob') throw new ObjectKindError(oid, type, 'blob');
    // A copy, since what was unpacked may be a piece of something larger, which would stay in memory with it.
    return content.length > most ? content.length : new Uint8Array(content);
  }

  /** An object of any type; undefined where it is not here. */
  async object(oid: Oid): Promise<GitObject | undefined> {
    await this.#mustFit(oid);
    return this.#ask(oid, async () => {
      const own = await this.#files.own(oid);
      if (own !== undefined) return own;
      const { readObject } = await loadLibrary();
      // oxlint-disable-next-line typescript/no-deprecated -- Nothing else of the library gives the bytes of a tree.
      const found = await readObject({ ...this.#request(oid), format: 'content' });
      const content = found.object as Buffer;
      this.#keep(content.length);
      return { oid, type: found.type as ObjectType, content };
    });
  }

  async #mustFit(oid: Oid): Promise<void> {
    const large = (await this.#files.largeFiles()).get(oid);
    if (large !== undefined) mustFit('an object', large, this.#limits.objectBytes);
  }

  #keep(bytes: number): void {
    this.#kept += bytes;
    if (this.#kept > KEPT_BYTES) this.#forget();
  }

  #forget(): void {
    this.#cache = {};
    this.#kept = 0;
  }

  #request(oid: Oid) {
    return { fs: this.#files.client, gitdir: this.#files.folder, cache: this.#cache, oid };
  }

  /** Asks again where files have come or gone: git may have packed everything anew since they were listed. */
  async #ask<Answer>(oid: Oid, read: () => Promise<Answer>): Promise<Answer | undefined> {
    // What is in memory comes without a pause, and thousands of objects take seconds, in which a lease has to be renewed.
    if (++this.#steps % STEPS === 0) await setImmediate();
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (error instanceof ReconcilerError || error instanceof ObjectError) throw error;
        const { Errors } = await loadLibrary();
        if (await this.#files.changed()) this.#forget();
        else if (error instanceof Errors.NotFoundError && error.data.what === oid) return undefined;
        else throw translated(oid, error, Errors);
      }
    }
  }
}

function present<Found>(oid: Oid, found: Found | undefined): Found {
  if (found === undefined) throw new ObjectError(`Object ${oid} is missing.`);
  return found;
}

/** What the library throws of damaged objects is a class of its own, or whatever its parsers stumbled over. */
function translated(oid: Oid, error: unknown, Errors: Library['Errors']): unknown {
  if (fileErrorCode(error) !== undefined) return error;
  if (error instanceof Errors.ObjectTypeError) {
    const { actual, expected } = error.data;
    return new ObjectKindError(error.data.oid as Oid, actual, expected, error);
  }
  const what = error instanceof Errors.NotFoundError ? error.data.what : undefined;
  if (what !== undefined) return new ObjectError(`Object ${what} is missing.`, { cause: error });
  return new ObjectError(`Object ${oid} cannot be unpacked.`, { cause: error });
}
