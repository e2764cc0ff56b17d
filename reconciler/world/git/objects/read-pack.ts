import type { Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { crc32, createInflate } from 'node:zlib';
import { mustFit, tooLarge } from '../errors.ts';
import { describeBytes, describeCount, type Limits } from '../limits.ts';
import { BoundedMap } from './bounded-map.ts';
import { piecesFrom, type ByteSource } from './byte-source.ts';
import { applyDelta, deltaSizes } from './delta.ts';
import { hashOf, ObjectError, type GitObject, type ObjectType, type Oid } from './git-object.ts';
import { inflateEntry, PACK_HEADER_BYTES, readEntry, SHA1_BYTES, type PackEntry } from './pack-entry.ts';
import type { IndexRow } from './pack-index.ts';

const MIB = 1024 * 1024;
/** Bases that are kept unpacked while what builds on them is made. */
const HELD_BYTES = 192 * MIB;
/** Deltas that are kept unpacked from the first look at them until what they build on is known. */
const HELD_DELTAS_BYTES = 8 * MIB;
/** Objects that are kept for whoever reads the pack at once. */
const SMALL_BYTES = 16 * MIB;

/** Objects that are unpacked in one go. */
const STEPS = 256;

/** Finds an object that a pack builds on without holding it. */
export type FindBase = (oid: Oid) => Promise<GitObject | undefined>;

export interface PackContents {
  readonly rows: readonly IndexRow[];
  /** Objects that deltas build on and that the pack does not hold. */
  readonly borrowed: readonly GitObject[];
  /** The sizes of files that are no manifests by their size alone. */
  readonly large: ReadonlyMap<Oid, number>;
  /** Small objects that were unpacked on the way, as many as may be held in memory. */
  readonly small: ReadonlyMap<Oid, GitObject>;
}

/**
 * Verifies a pack by unpacking all of it. Memory stays bounded whatever is in it: sizes are known before anything is
 * unpacked, and what is too large to hold is hashed on its way.
 */
export async function readPack(pack: ByteSource, limits: Limits, findBase: FindBase): Promise<PackContents> {
  return new Indexer(pack, limits).read(findBase);
}

/** An object whose content is in memory, with those that are changes of it. */
interface Base {
  readonly type: ObjectType;
  readonly content: Buffer;
  readonly children: PackEntry[];
}

interface Named {
  readonly oid: Buffer;
  /** Where its compressed bytes end. */
  readonly end: number;
  /** Unset where it is too large to hold. */
  readonly data?: Buffer;
}

class Indexer {
  readonly #pack: ByteSource;
  readonly #limits: Limits;
  readonly #rows: IndexRow[] = [];
  readonly #large = new Map<Oid, number>();
  readonly #small = new BoundedMap<Oid, GitObject>(SMALL_BYTES);
  readonly #crcs = new Map<number, number>();
  readonly #deltas = new BoundedMap<number, Buffer>(HELD_DELTAS_BYTES);
  /** Entries that others build on, by where they are or what they are called. */
  readonly #byOffset = new Map<number, PackEntry[]>();
  readonly #byOid = new Map<Oid, PackEntry[]>();
  #unpacked = 0;
  #steps = 0;

  constructor(pack: ByteSource, limits: Limits) {
    this.#pack = pack;
    this.#limits = limits;
  }

  async read(findBase: FindBase): Promise<PackContents> {
    const header = await this.#pack.from(0, PACK_HEADER_BYTES);
    const size = this.#pack.size;
    if (size < PACK_HEADER_BYTES + SHA1_BYTES || header.toString('latin1', 0, 4) !== 'PACK') {
      throw new ObjectError('This is no pack.');
    }
    const count = header.readUInt32BE(8);
    if (count > this.#limits.packObjects) {
      throw tooLarge(`The repository has ${describeCount(count)} objects`, {
        count: this.#limits.packObjects,
        unit: 'objects',
      });
    }
    for (const { entry, type } of await this.#readAll(count)) {
      this.#mustFit(entry.size);
      const { data } = await inflateEntry(this.#pack, entry);
      await this.#resolve(this.#base(type, data, entry.offset));
    }
    // A server leaves out what it knows to be here, and sends changes of it.
    const borrowed: GitObject[] = [];
    for (const oid of this.#byOid.keys()) {
      const object = await findBase(oid);
      if (object === undefined) continue;
      borrowed.push(object);
      await this.#resolve(this.#base(object.type, object.content, undefined));
    }
    if (this.#rows.length !== count) throw new ObjectError('A pack lacks what its deltas build on.');
    return { rows: this.#rows, borrowed, large: this.#large, small: this.#small.entries };
  }

  /** Walks the pack once, naming what stands by itself. Returns the entries that others build on. */
  async #readAll(count: number) {
    const whole: { readonly entry: PackEntry; readonly type: ObjectType; readonly oid: Oid }[] = [];
    let deltas = 0;
    let offset = PACK_HEADER_BYTES;
    for (let index = 0; index < count; index++) {
      await this.#breathe();
      const entry = await readEntry(this.#pack, offset);
      const { kind } = entry;
      this.#claim(entry.size);
      let end: number;
      if ('type' in kind) {
        const named = await this.#name(entry, kind.type);
        end = named.end;
        const crc = await this.#crc(offset, end);
        this.#rows.push({ oid: named.oid, offset, crc });
        const oid = named.oid.toString('hex') as Oid;
        this.#noteSize(oid, kind.type, entry.size);
        if (named.data !== undefined) this.#noteContent({ oid, type: kind.type, content: named.data });
        whole.push({ entry, type: kind.type, oid });
      } else {
        this.#mustFit(entry.size);
        const delta = await inflateEntry(this.#pack, entry);
        end = delta.end;
        this.#deltas.keep(offset, delta.data, delta.data.length);
        this.#crcs.set(offset, await this.#crc(offset, end));
        if ('baseOffset' in kind) append(this.#byOffset, kind.baseOffset, entry);
        else append(this.#byOid, kind.baseOid, entry);
        deltas++;
      }
      offset = end;
    }
    if (offset !== this.#pack.size - SHA1_BYTES)
      throw new ObjectError('A pack has bytes that belong to nothing.');
    if (deltas === 0) return [];
    return whole.filter((base) => this.#byOffset.has(base.entry.offset) || this.#byOid.has(base.oid));
  }

  /** Makes everything that builds on an object, depth first, so that only one line of ancestors is in memory. */
  async #resolve(root: Base): Promise<void> {
    const { type } = root;
    const stack = [root];
    let held = root.content.length;
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      await this.#breathe();
      const child = top.children.pop();
      if (child === undefined) {
        held -= top.content.length;
        stack.pop();
        continue;
      }
      const delta = this.#deltas.entries.get(child.offset) ?? (await inflateEntry(this.#pack, child)).data;
      const { result } = deltaSizes(delta);
      this.#claim(result);
      this.#mustFit(result);
      const content = applyDelta(top.content, delta);
      const base = this.#base(type, content, child.offset);
      if (base.children.length === 0) continue;
      held += content.length;
      if (held > HELD_BYTES)
        throw tooLarge('The repository has long chains of large changes', { bytes: HELD_BYTES });
      stack.push(base);
    }
  }

  /** Names an object, which stands at `offset` or in another pack, and takes over what builds on it. */
  #base(type: ObjectType, content: Buffer, offset: number | undefined): Base {
    const oid = hashOf(type, content.length).update(content).digest();
    const hex = oid.toString('hex') as Oid;
    let children = [...(this.#byOid.get(hex) ?? [])];
    this.#byOid.delete(hex);
    this.#noteSize(hex, type, content.length);
    if (offset !== undefined) {
      this.#noteContent({ oid: hex, type, content });
      const crc = this.#crcs.get(offset);
      if (crc !== undefined) this.#rows.push({ oid, offset, crc });
      children = children.concat(this.#byOffset.get(offset) ?? []);
      this.#byOffset.delete(offset);
    }
    return { type, content, children };
  }

  async #name(entry: PackEntry, type: ObjectType): Promise<Named> {
    const hash = hashOf(type, entry.size);
    if (entry.size <= this.#limits.objectBytes) {
      const { data, end } = await inflateEntry(this.#pack, entry);
      return { oid: hash.update(data).digest(), end, data };
    }
    if (type === 'blob') mustFit('a file', entry.size, this.#limits.blobBytes);
    else mustFit(`a ${type}`, entry.size, this.#limits.objectBytes);
    return this.#nameStreaming(entry, hash);
  }

  async #nameStreaming({ dataOffset, size, offset }: PackEntry, hash: Hash): Promise<Named> {
    const inflate = createInflate();
    const source = Readable.from(piecesFrom(this.#pack, dataOffset));
    source.on('error', (error) => inflate.destroy(error));
    let seen = 0;
    try {
      for await (const chunk of source.pipe(inflate) as AsyncIterable<Buffer>) {
        seen += chunk.length;
        if (seen > size) break;
        hash.update(chunk);
      }
    } catch (cause) {
      throw new ObjectError(`The entry at ${offset} cannot be unpacked.`, { cause });
    } finally {
      source.destroy();
    }
    if (seen !== size) throw new ObjectError(`The entry at ${offset} has another size than it says.`);
    return { oid: hash.digest(), end: dataOffset + inflate.bytesWritten };
  }

  #noteSize(oid: Oid, type: ObjectType, size: number): void {
    if (type === 'blob' && size > this.#limits.fileBytes) this.#large.set(oid, size);
  }

  #noteContent(object: GitObject): void {
    const { length } = object.content;
    if (length <= this.#limits.fileBytes) this.#small.keep(object.oid, object, length);
  }

  async #crc(start: number, end: number): Promise<number> {
    let crc = 0;
    for (let at = start; at < end;) {
      const bytes = (await this.#pack.from(at, Math.min(end - at, MIB))).subarray(0, end - at);
      if (bytes.length === 0) throw new ObjectError('A pack is cut off.');
      crc = crc32(bytes, crc);
      at += bytes.length;
    }
    return crc;
  }

  /** Lets others run: a hundred thousand objects take seconds, in which a lease has to be renewed. */
  async #breathe(): Promise<void> {
    if (++this.#steps % STEPS === 0) await setImmediate();
  }

  #claim(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#unpacked <= this.#limits.unpackedBytes) return;
    const most = this.#limits.unpackedBytes;
    throw tooLarge(`The repository has more than ${describeBytes(most)} when unpacked`, { bytes: most });
  }

  #mustFit(bytes: number): void {
    mustFit('changes of a file', bytes, this.#limits.objectBytes);
  }
}

function append<Key>(map: Map<Key, PackEntry[]>, key: Key, entry: PackEntry): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [entry]);
  else list.push(entry);
}
