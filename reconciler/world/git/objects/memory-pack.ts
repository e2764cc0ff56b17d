import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { applyDelta, deltaSizes } from './delta.ts';
import { tooLarge } from './errors.ts';
import { gitObject, ObjectError, type GitObject, type ObjectType, type Oid } from './git-object.ts';
import type { Limits } from './limits.ts';
import { encodeEntry } from './pack-entry.ts';

/** What a pack may hold that is read into memory at once. */
type MemoryLimits = Pick<Limits, 'packObjects' | 'unpackedBytes'>;

const TYPES: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const DELTA_BY_OFFSET = 6;
const DELTA_BY_OID = 7;
const HEADER_BYTES = 12;
const OID_BYTES = 20;

/** A pack of whole objects, as a push carries it. */
export function encodePack(objects: readonly GitObject[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([header, ...objects.map(encodeEntry)]);
  return Buffer.concat([body, sha1(body)]);
}

/** Every object of a pack that stands by itself, with deltas resolved and the checksum verified. */
export function decodePack(pack: Buffer, limits: MemoryLimits): Map<Oid, GitObject> {
  if (pack.length < HEADER_BYTES + OID_BYTES || pack.toString('latin1', 0, 4) !== 'PACK') {
    throw new ObjectError('This is no pack.');
  }
  const end = pack.length - OID_BYTES;
  if (!sha1(pack.subarray(0, end)).equals(pack.subarray(end))) throw new ObjectError('A pack came damaged.');
  const count = pack.readUInt32BE(8);
  if (count > limits.packObjects) {
    throw tooLarge('A pack has too many objects', { count: limits.packObjects, unit: 'objects' });
  }

  const reader = new Reader(pack, end, limits.unpackedBytes);
  const byOffset = new Map<number, GitObject>();
  const byOid = new Map<Oid, GitObject>();
  for (let read = 0; read < count; read++) {
    const start = reader.at;
    const entry = reader.entry();
    const base = entry.back === undefined ? undefined : byOffset.get(start - entry.back);
    const object = resolve(entry, base ?? (entry.baseOid && byOid.get(entry.baseOid)), reader);
    byOffset.set(start, object);
    byOid.set(object.oid, object);
  }
  return byOid;
}

interface PackEntry {
  readonly type: ObjectType | undefined;
  /** How far back the object is that this is a delta of. */
  readonly back?: number;
  readonly baseOid?: Oid;
  readonly data: Buffer;
}

function resolve({ type, data }: PackEntry, base: GitObject | undefined, reader: Reader): GitObject {
  if (type !== undefined) return gitObject(type, data);
  if (base === undefined) throw new ObjectError('A pack holds a change of an object that is not there.');
  reader.claim(deltaSizes(data).result);
  return gitObject(base.type, applyDelta(base.content, data));
}

class Reader {
  at = HEADER_BYTES;
  readonly #pack: Buffer;
  readonly #end: number;
  readonly #most: number;
  #claimed = 0;

  constructor(pack: Buffer, end: number, most: number) {
    this.#pack = pack;
    this.#end = end;
    this.#most = most;
  }

  entry(): PackEntry {
    let byte = this.#byte();
    const code = (byte >> 4) & 7;
    let size = byte & 0x0f;
    for (let scale = 16; byte & 0x80; scale *= 128) {
      byte = this.#byte();
      size += (byte & 0x7f) * scale;
    }
    if (code === DELTA_BY_OFFSET)
      return { type: undefined, back: this.#distance(), data: this.#inflate(size) };
    if (code === DELTA_BY_OID) {
      const baseOid = this.#pack.toString('hex', this.at, (this.at += OID_BYTES)) as Oid;
      return { type: undefined, baseOid, data: this.#inflate(size) };
    }
    const type = TYPES[code];
    if (type === undefined) throw new ObjectError(`A pack holds an object of the unknown type ${code}.`);
    return { type, data: this.#inflate(size) };
  }

  /** Takes what an unpacked object needs from what is allowed. */
  claim(bytes: number): void {
    this.#claimed += bytes;
    if (this.#claimed > this.#most)
      throw tooLarge('A pack is too large when unpacked', { bytes: this.#most });
  }

  #byte(): number {
    if (this.at >= this.#end) throw new ObjectError('A pack is cut off.');
    return this.#pack[this.at++]!;
  }

  /** Git's own number format for it: each further byte adds one, so that no distance can be written in two ways. */
  #distance(): number {
    let byte = this.#byte();
    let distance = byte & 0x7f;
    while (byte & 0x80) {
      byte = this.#byte();
      distance = (distance + 1) * 128 + (byte & 0x7f);
    }
    return distance;
  }

  #inflate(size: number): Buffer {
    this.claim(size);
    try {
      const input = this.#pack.subarray(this.at, this.#end);
      // The one way to learn where the compressed bytes end. The types do not know of it.
      const { buffer, engine } = inflateSync(input, {
        info: true,
        maxOutputLength: Math.max(size, 1),
      }) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      if (buffer.length !== size) throw new ObjectError('An object of a pack has another size than it says.');
      this.at += engine.bytesWritten;
      return buffer;
    } catch (cause) {
      if (cause instanceof ObjectError) throw cause;
      throw new ObjectError('An object of a pack cannot be unpacked.', { cause });
    }
  }
}

function sha1(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}
