import { createHash } from 'node:crypto';
import { ObjectError, type Oid } from './git-object.ts';
import { SHA1_BYTES } from './pack-entry.ts';

const MAGIC = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const FANOUT_BYTES = 256 * 4;
const OIDS_AT = MAGIC.length + FANOUT_BYTES;

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

/** Whether the last bytes are the hash of all before, as they are in packs and in their indexes. */
export function endsInItsHash(bytes: Buffer): boolean {
  const hash = createHash('sha1').update(bytes.subarray(0, -SHA1_BYTES)).digest();
  return hash.equals(bytes.subarray(-SHA1_BYTES));
}

/** Finds objects in a pack by an index that `encodeIndex` made. */
export class PackIndex {
  readonly #bytes: Buffer;
  readonly #count: number;
  readonly #offsets: number;

  constructor(bytes: Buffer) {
    if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || !endsInItsHash(bytes)) {
      throw new ObjectError('A pack index is damaged.');
    }
    this.#bytes = bytes;
    this.#count = bytes.readUInt32BE(OIDS_AT - 4);
    this.#offsets = OIDS_AT + this.#count * (SHA1_BYTES + 4);
  }

  /** Where the object begins in the pack; undefined where it is not in it. */
  offsetOf(oid: Oid): number | undefined {
    const wanted = Buffer.from(oid, 'hex');
    const first = wanted[0]!;
    let low = first === 0 ? 0 : this.#fanout(first - 1);
    let high = this.#fanout(first);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = OIDS_AT + middle * SHA1_BYTES;
      const order = wanted.compare(this.#bytes, at, at + SHA1_BYTES);
      if (order === 0) return this.#bytes.readUInt32BE(this.#offsets + middle * 4);
      if (order < 0) high = middle;
      else low = middle + 1;
    }
    return undefined;
  }

  #fanout(index: number): number {
    return this.#bytes.readUInt32BE(MAGIC.length + index * 4);
  }
}
