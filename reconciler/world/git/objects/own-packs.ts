import { readFile } from 'node:fs/promises';
import { mustFit } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { memorySource, type ByteSource } from './byte-source.ts';
import { applyDelta, deltaSizes } from './delta.ts';
import { FileWindow } from './file-window.ts';
import { hashOf, ObjectError, type GitObject, type ObjectType, type Oid } from './git-object.ts';
import { inflateEntry, readEntry, type PackEntry } from './pack-entry.ts';
import { PackIndex } from './pack-index.ts';

/** Unpacked objects that others build on, kept for those. */
const BASES_BYTES = 8 * 1024 * 1024;
/** What each of them takes beside its content, about. */
const BASE_BYTES = 256;
/** Git makes chains of 50, and of 4,095 at most. */
const LONGEST_CHAIN = 4_096;

interface Pack {
  readonly index: PackIndex;
  readonly file: ByteSource;
  readonly bases: Map<number, Unpacked>;
}

interface Unpacked {
  readonly type: ObjectType;
  readonly content: Buffer;
}

/**
 * The packs that we received and indexed ourselves: each stands by itself, and all of it was unpacked once within the
 * limits. isomorphic-git could read them too, as it reads the objects of all other repositories; it takes thirty times
 * as long for a small one, and holds whole packs in memory.
 */
export class OwnPacks {
  readonly #packs: readonly Pack[];
  readonly #limits: Limits;
  #basesBytes = 0;

  /** The packs with these names, given without their ending. */
  static async open(paths: readonly string[], limits: Limits): Promise<OwnPacks> {
    return new OwnPacks(await Promise.all(paths.map(openPack)), limits);
  }

  /** One pack that is in memory with its index. */
  static of(pack: Buffer, index: Buffer, limits: Limits): OwnPacks {
    const only = {
      index: new PackIndex(index),
      file: memorySource(pack),
      bases: new Map<number, Unpacked>(),
    };
    return new OwnPacks([only], limits);
  }

  private constructor(packs: readonly Pack[], limits: Limits) {
    this.#packs = packs;
    this.#limits = limits;
  }

  /** An object with its name verified; undefined where no pack has it. */
  async read(oid: Oid): Promise<GitObject | undefined> {
    for (const pack of this.#packs) {
      const offset = pack.index.offsetOf(oid);
      if (offset === undefined) continue;
      const { type, content } = await this.#unpack(pack, offset);
      if (hashOf(type, content.length).update(content).digest('hex') !== oid) {
        throw new ObjectError(`Object ${oid} is damaged.`);
      }
      return { oid, type, content };
    }
    return undefined;
  }

  /** Follows the deltas down to what stands by itself, or is still known, and comes back up. */
  async #unpack(pack: Pack, start: number): Promise<Unpacked> {
    const deltas: PackEntry[] = [];
    let object = pack.bases.get(start);
    for (let offset = start; object === undefined;) {
      const entry = await readEntry(pack.file, offset);
      if ('type' in entry.kind) {
        object = { type: entry.kind.type, content: await this.#data(pack, entry) };
        if (deltas.length > 0) this.#keep(pack, offset, object);
        break;
      }
      deltas.push(entry);
      if (deltas.length > LONGEST_CHAIN) throw new ObjectError('The deltas of a pack go in circles.');
      offset = baseOf(pack, entry);
      object = pack.bases.get(offset);
    }
    for (const entry of deltas.toReversed()) {
      const delta = await this.#data(pack, entry);
      this.#mustFit(deltaSizes(delta).result);
      object = { type: object.type, content: applyDelta(object.content, delta) };
      this.#keep(pack, entry.offset, object);
    }
    return object;
  }

  async #data(pack: Pack, entry: PackEntry): Promise<Buffer> {
    this.#mustFit(entry.size);
    return (await inflateEntry(pack.file, entry)).data;
  }

  /** What was made of a delta is likely to be the base of the next one. */
  #keep(pack: Pack, offset: number, object: Unpacked): void {
    const bytes = object.content.length + BASE_BYTES;
    if (bytes > BASES_BYTES / 4) return;
    if (this.#basesBytes + bytes > BASES_BYTES) {
      for (const { bases } of this.#packs) bases.clear();
      this.#basesBytes = 0;
    }
    pack.bases.set(offset, object);
    this.#basesBytes += bytes;
  }

  #mustFit(bytes: number): void {
    mustFit('an object', bytes, this.#limits.objectBytes);
  }
}

async function openPack(path: string): Promise<Pack> {
  const index = new PackIndex(await readFile(`${path}.idx`));
  return { index, file: await FileWindow.open(`${path}.pack`), bases: new Map() };
}

function baseOf(pack: Pack, { kind }: PackEntry): number {
  if ('baseOffset' in kind) return kind.baseOffset;
  const offset = 'baseOid' in kind ? pack.index.offsetOf(kind.baseOid) : undefined;
  if (offset === undefined) throw new ObjectError('A pack lacks what a delta builds on.');
  return offset;
}
