import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustFit } from '../errors.ts';
import { fileErrorCode } from '../file-error.ts';
import type { Limits } from '../limits.ts';
import { memorySource, type ByteSource } from './byte-source.ts';
import { applyDelta, deltaSizes } from './delta.ts';
import { FileWindow } from './file-window.ts';
import { gitObject, ObjectError, type GitObject, type ObjectType, type Oid } from './git-object.ts';
import type { ObjectStore } from './object-store.ts';
import { inflateEntry, readEntry, type PackEntry } from './pack-entry.ts';
import { PackIndex } from './pack-index.ts';

/** Unpacked objects that others build on, kept for those. */
const CACHE_BYTES = 16 * 1024 * 1024;
const MAX_CHAIN = 10_000;

interface Pack {
  readonly name: string;
  readonly index: PackIndex;
  readonly open: () => Promise<ByteSource>;
  /** What `open` gave, once an object was asked for: many packs do not mean many open files. */
  source?: ByteSource;
}

interface Unpacked {
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** The packs of one folder as they were when this was opened, or a single one in memory. */
export class PackStore implements ObjectStore {
  readonly #packs: readonly Pack[];
  readonly #limits: Limits;
  readonly #cache = new Map<string, Unpacked>();
  #cached = 0;

  /** A folder that does not exist has no packs. */
  static async open(folder: string, limits: Limits): Promise<PackStore> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (fileErrorCode(error) === 'ENOENT') return [];
      throw error;
    });
    const packs = names.filter((name) => /^pack-.*\.idx$/.test(name));
    return new PackStore(await Promise.all(packs.map((name) => filedPack(join(folder, name)))), limits);
  }

  /** One pack that is in memory with its index. */
  static of(pack: Buffer, index: PackIndex, limits: Limits): PackStore {
    return new PackStore([{ name: '', index, open: async () => memorySource(pack) }], limits);
  }

  private constructor(packs: readonly Pack[], limits: Limits) {
    this.#packs = packs;
    this.#limits = limits;
  }

  get packs(): number {
    return this.#packs.length;
  }

  async size(oid: Oid): Promise<number | undefined> {
    const found = this.#find(oid);
    if (found === undefined) return undefined;
    const source = await sourceOf(found.pack);
    const entry = await readEntry(source, found.offset);
    if ('type' in entry.kind) return entry.size;
    this.#mustFit(entry.size);
    return deltaSizes((await inflateEntry(source, entry)).data).result;
  }

  async read(oid: Oid): Promise<GitObject | undefined> {
    const found = this.#find(oid);
    if (found === undefined) return undefined;
    const { type, content } = await this.#unpack(found.pack, found.offset);
    const object = gitObject(type, content);
    if (object.oid !== oid) throw new ObjectError(`Object ${oid} is damaged.`);
    return object;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cache.clear();
    for (const { source } of this.#packs) await source?.[Symbol.asyncDispose]();
  }

  #find(oid: Oid): { readonly pack: Pack; readonly offset: number } | undefined {
    for (const pack of this.#packs) {
      const offset = pack.index.offsetOf(oid);
      if (offset !== undefined) return { pack, offset };
    }
    return undefined;
  }

  /** Follows the deltas down to what stands by itself, or is still known, and comes back up. */
  async #unpack(pack: Pack, start: number): Promise<Unpacked> {
    const source = await sourceOf(pack);
    const deltas: PackEntry[] = [];
    let object: Unpacked | undefined;
    for (let offset = start; object === undefined;) {
      object = this.#cache.get(`${pack.name}:${offset}`);
      if (object !== undefined) break;
      const entry = await readEntry(source, offset);
      if ('type' in entry.kind) {
        object = { type: entry.kind.type, content: await this.#data(source, entry) };
        if (deltas.length > 0) this.#keep(pack, offset, object);
      } else {
        deltas.push(entry);
        if (deltas.length > MAX_CHAIN) throw new ObjectError('Deltas of a pack go in circles.');
        offset = baseOf(pack, entry);
      }
    }
    for (const entry of deltas.toReversed()) {
      const delta = await this.#data(source, entry);
      this.#mustFit(deltaSizes(delta).result);
      object = { type: object.type, content: applyDelta(object.content, delta) };
      if (entry !== deltas[0]) this.#keep(pack, entry.offset, object);
    }
    return object;
  }

  async #data(source: ByteSource, entry: PackEntry): Promise<Buffer> {
    this.#mustFit(entry.size);
    return (await inflateEntry(source, entry)).data;
  }

  #keep(pack: Pack, offset: number, base: Unpacked): void {
    const { length } = base.content;
    if (length > CACHE_BYTES / 4) return;
    this.#cache.set(`${pack.name}:${offset}`, base);
    this.#cached += length;
    for (const [key, { content }] of this.#cache) {
      if (this.#cached <= CACHE_BYTES) break;
      this.#cache.delete(key);
      this.#cached -= content.length;
    }
  }

  #mustFit(bytes: number): void {
    mustFit('an object', bytes, this.#limits.objectBytes);
  }
}

function baseOf(pack: Pack, { kind }: PackEntry): number {
  if ('baseOffset' in kind) return kind.baseOffset;
  const offset = 'baseOid' in kind ? pack.index.offsetOf(kind.baseOid) : undefined;
  if (offset === undefined) throw new ObjectError('A pack lacks what a delta builds on.');
  return offset;
}

async function filedPack(indexPath: string): Promise<Pack> {
  const path = indexPath.replace(/\.idx$/, '.pack');
  const index = new PackIndex(await readFile(indexPath));
  return { name: path, index, open: () => FileWindow.open(path) };
}

async function sourceOf(pack: Pack): Promise<ByteSource> {
  return (pack.source ??= await pack.open());
}
