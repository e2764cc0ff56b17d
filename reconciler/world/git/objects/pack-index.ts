import { createHash } from 'node:crypto';

const MAGIC = Buffer.from([0xff, 0x74, 0x4f, 0x63, 0, 0, 0, 2]);
const FANOUT_BYTES = 256 * 4;

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
