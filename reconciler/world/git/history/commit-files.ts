import type { Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import { FOLDER, type TreeEntry } from '../objects/tree-entry.ts';

/** Names of the trees that lead to a file, from the root on, and of its content at last. */
export type Trail = readonly Oid[];

/** A file that two commits have not got alike. */
export interface FileChange {
  readonly path: string;
  readonly before?: Oid;
  readonly after?: Oid;
}

const PLAIN = /^100[0-7]{3}$/;
/** Folders that are kept: neighbouring commits share most of theirs. */
const KEPT = 200;

/** The files of commits, looked up by their paths. */
export class CommitFiles {
  readonly #objects: () => GitObjects;
  readonly #folders = new Map<Oid, ReadonlyMap<string, TreeEntry>>();

  constructor(objects: () => GitObjects) {
    this.#objects = objects;
  }

  /**
   * The way to the file at `path` below the tree `root`; undefined where there is none. `like` is the way to it in
   * another commit: where both meet, the rest is the same.
   */
  async trail(root: Oid, path: string, like: Trail = []): Promise<Trail | undefined> {
    const names = path.split('/');
    const trail: Oid[] = [root];
    for (const [depth, name] of names.entries()) {
      const at = trail.at(-1) ?? root;
      if (like[depth] === at) return [...trail, ...like.slice(depth + 1)];
      const entry = (await this.#folder(at)).get(name);
      const isLast = depth === names.length - 1;
      if (entry === undefined || !(isLast ? PLAIN.test(entry.mode) : entry.mode === FOLDER)) return undefined;
      trail.push(entry.oid);
    }
    return trail;
  }

  /** Plain files below `folder` that differ between two trees, a folder that is the same being left out unread. */
  async *changes(before: Oid | undefined, after: Oid | undefined, folder = ''): AsyncGenerator<FileChange> {
    if (before === after) return;
    const [old, fresh] = [await this.#entries(before), await this.#entries(after)];
    for (const name of new Set([...old.keys(), ...fresh.keys()])) {
      const [was, is] = [old.get(name), fresh.get(name)];
      if (was?.oid === is?.oid && was?.mode === is?.mode) continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      yield* this.changes(folderIn(was), folderIn(is), path);
      const [from, to] = [fileIn(was), fileIn(is)];
      if (from !== to) {
        yield {
          path,
          ...(from === undefined ? {} : { before: from }),
          ...(to === undefined ? {} : { after: to }),
        };
      }
    }
  }

  async #entries(tree: Oid | undefined): Promise<ReadonlyMap<string, TreeEntry>> {
    return tree === undefined ? new Map() : await this.#folder(tree);
  }

  async #folder(oid: Oid): Promise<ReadonlyMap<string, TreeEntry>> {
    const known = this.#folders.get(oid);
    if (known !== undefined) return known;
    const entries = await this.#objects().tree(oid);
    const folder = new Map(entries.map((entry) => [entry.name, entry]));
    const [oldest] = this.#folders.keys();
    if (this.#folders.size >= KEPT && oldest !== undefined) this.#folders.delete(oldest);
    this.#folders.set(oid, folder);
    return folder;
  }
}

function folderIn(entry: TreeEntry | undefined): Oid | undefined {
  return entry?.mode === FOLDER ? entry.oid : undefined;
}

function fileIn(entry: TreeEntry | undefined): Oid | undefined {
  return entry !== undefined && PLAIN.test(entry.mode) ? entry.oid : undefined;
}
