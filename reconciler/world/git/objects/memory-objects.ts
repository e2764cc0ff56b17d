import { createHash } from 'node:crypto';
import type { CommitObject, PromiseFsClient, TreeObject } from 'isomorphic-git';
import type { Limits } from '../limits.ts';
import { memorySource } from './byte-source.ts';
import { ObjectError, type GitObject, type Oid } from './git-object.ts';
import { loadLibrary } from './library.ts';
import { loosePath, type ObjectFiles } from './object-files.ts';
import { OwnPacks } from './own-packs.ts';
import { SHA1_BYTES } from './pack-entry.ts';
import { encodeIndex } from './pack-index.ts';
import { readPack } from './read-pack.ts';

const ROOT = '/memory';

/** Objects that are nowhere but in memory: what came from a server, or is to go to one. */
export class MemoryObjects implements ObjectFiles {
  readonly folder = ROOT;
  readonly client: PromiseFsClient;
  readonly #files = new Map<string, Uint8Array>();
  #received: OwnPacks | undefined;

  constructor() {
    const refuse = async (path: string) => Promise.reject(notThere(path));
    this.client = {
      promises: {
        readFile: async (path: string) => this.#get(path),
        writeFile: async (path: string, bytes: Uint8Array) => void this.#files.set(path, bytes),
        stat: async (path: string) => (this.#get(path), { isFile: () => true, isDirectory: () => false }),
        readdir: async (path: string) =>
          [...this.#files.keys()]
            .filter((name) => name.startsWith(`${path}/`))
            .map((name) => name.slice(path.length + 1)),
        mkdir: async () => {},
        lstat: refuse,
        unlink: refuse,
        rmdir: refuse,
        readlink: refuse,
        symlink: refuse,
      },
    };
  }

  /** The objects of a pack, all of it verified. It has to stand by itself. */
  static async ofPack(pack: Buffer, limits: Limits): Promise<MemoryObjects> {
    const checksum = pack.subarray(-SHA1_BYTES);
    const hash = createHash('sha1').update(pack.subarray(0, -SHA1_BYTES)).digest();
    if (!hash.equals(checksum)) throw new ObjectError('A pack came damaged.');
    const { rows } = await readPack(memorySource(pack), limits, async () => undefined);
    const objects = new MemoryObjects();
    const index = encodeIndex(rows, checksum);
    objects.#files.set(`${ROOT}/objects/pack/pack.pack`, pack);
    objects.#files.set(`${ROOT}/objects/pack/pack.idx`, index);
    objects.#received = OwnPacks.of(pack, index, limits);
    return objects;
  }

  /** Adds a file, unless it is among those that are `known` elsewhere. */
  async addBlob(content: Uint8Array, known: ReadonlySet<Oid>): Promise<Oid> {
    const { hashBlob, writeBlob } = await loadLibrary();
    const { oid } = await hashBlob({ object: content });
    if (!known.has(oid as Oid)) await writeBlob({ ...this.#here(), blob: content });
    return oid as Oid;
  }

  async addTree(tree: TreeObject): Promise<Oid> {
    const { writeTree } = await loadLibrary();
    return (await writeTree({ ...this.#here(), tree })) as Oid;
  }

  async addCommit(commit: CommitObject): Promise<Oid> {
    const { writeCommit } = await loadLibrary();
    return (await writeCommit({ ...this.#here(), commit })) as Oid;
  }

  /** A pack of these objects, as a push carries it. */
  async pack(oids: readonly Oid[]): Promise<Uint8Array> {
    const { packObjects } = await loadLibrary();
    const { packfile } = await packObjects({ ...this.#here(), oids: [...oids] });
    if (packfile === undefined) throw new Error('The library made a pack without giving it.');
    return packfile;
  }

  /** An added object as it stands in a file of its own. */
  loose(oid: Oid): Uint8Array {
    return this.#get(`${ROOT}/objects/${loosePath(oid)}`);
  }

  async changed(): Promise<boolean> {
    return false;
  }

  async largeFiles(): Promise<ReadonlyMap<Oid, number>> {
    return new Map();
  }

  async own(oid: Oid): Promise<GitObject | undefined> {
    return this.#received?.read(oid);
  }

  #here() {
    return { fs: this.client, gitdir: this.folder };
  }

  #get(path: string): Uint8Array {
    const found = this.#files.get(path);
    if (found === undefined) throw notThere(path);
    return found;
  }
}

/** What the library takes for a file that is not there. */
function notThere(path: string): Error {
  return Object.assign(new Error(`There is no file ${path}.`), { code: 'ENOENT' });
}
