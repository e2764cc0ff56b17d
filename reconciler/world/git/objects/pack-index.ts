import { createHash } from 'node:crypto';
import { ObjectError, type Oid } from './git-object.ts';
import { SHA1_BYTES } from './pack-entry.ts';

const MAGIC = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const FANOUT_BYTES = 256 * 4;
const FAR = 0x80000000;

export interface IndexRow {
  readonly oid: Buffer;
  readonly offset: number;
  readonly crc: number;
}

/** An index of version 2, as `git index-pack` writes it. Packs beyond 2 GiB are never made. */
export function encodeIndex(rows: readonly IndexRow[], packChecksum: Buffer): Buffer {
  const sorted = rows.toSorted((a, b) => Buffer.compare(a.oid, b.oid));
  const fanout = Buffer.alloc(FANOUT_BYTES);
  const counts = new Uint32Array(256);
  for (const { oid } of sorted) counts[oid[0]!]!++;
  let sum = 0;
  counts.forEach((count, index) => fanout.writeUInt32BE((sum += count), index * 4));
  const crcs = Buffer.alloc(sorted.length * 4);
  const offsets = Buffer.alloc(sorted.length * 4);
  sorted.forEach(({ crc, offset }, index) => {
    crcs.writeUInt32BE(crc, index * 4);
    offsets.writeUInt32BE(offset, index * 4);
  });
  const body = Buffer.concat([MAGIC, fanout, ...sorted.map(({ oid }) => oid), crcs, offsets, packChecksum]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Finds objects in one pack by their oid. */
export class PackIndex {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #oids: number;
  readonly #offsets: number;

  constructor(bytes: Buffer) {
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
      throw new ObjectError('A pack index is not of version 2.');
    this.#bytes = bytes;
    this.#oids = MAGIC.length + FANOUT_BYTES;
    this.count = bytes.length < this.#oids ? 0 : bytes.readUInt32BE(this.#oids - 4);
    this.#offsets = this.#oids + this.count * (SHA1_BYTES + 4);
    if (bytes.length < this.#offsets + this.count * 4 + 2 * SHA1_BYTES) {
      throw new ObjectError('A pack index is cut off.');
    }
  }

  /** Where the object begins in the pack; undefined where it is not in it. */
  offsetOf(oid: Oid): number | undefined {
    const wanted = Buffer.from(oid, 'hex');
    const first = wanted[0] ?? 0;
    let low = first === 0 ? 0 : this.#fanout(first - 1);
    let high = this.#fanout(first);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#oids + middle * SHA1_BYTES;
      const order = wanted.compare(this.#bytes, at, at + SHA1_BYTES);
      if (order === 0) return this.#offset(middle);
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  #fanout(index: number): number {
    return Math.min(this.#bytes.readUInt32BE(MAGIC.length + index * 4), this.count);
  }

  #offset(index: number): number {
    const near = this.#bytes.readUInt32BE(this.#offsets + index * 4);
    if (near < FAR) return near;
    const far = this.#offsets + this.count * 4 + (near - FAR) * 8;
    if (far + 8 > this.#bytes.length) throw new ObjectError('A pack index is damaged.');
    return Number(this.#bytes.readBigUInt64BE(far));
  }
}
