import { deflateSync, inflateSync } from 'node:zlib';
import type { ByteSource } from './byte-source.ts';
import { ObjectError, type GitObject, type ObjectType, type Oid } from './git-object.ts';

export const PACK_HEADER_BYTES = 12;
/** An oid, or the checksum that ends a pack. */
export const SHA1_BYTES = 20;

const TYPES: Readonly<Record<number, ObjectType>> = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' };
const BY_OFFSET = 6;
const BY_OID = 7;
/** More than any entry's header: 10 bytes of size and a base. */
const HEADER_BYTES = 64;

/** What stands before the compressed bytes of an object in a pack. */
export interface PackEntry {
  readonly offset: number;
  /** Where the compressed bytes begin. */
  readonly dataOffset: number;
  /** Of the data, unpacked: the object's own, or its delta's. */
  readonly size: number;
  readonly kind: { readonly type: ObjectType } | { readonly baseOffset: number } | { readonly baseOid: Oid };
}

/** The entry that begins at `offset`. */
export async function readEntry(source: ByteSource, offset: number): Promise<PackEntry> {
  const bytes = await source.from(offset, HEADER_BYTES);
  let at = 0;
  const next = () => {
    const byte = bytes[at++];
    if (byte === undefined || at > HEADER_BYTES) throw new ObjectError(`The entry at ${offset} is cut off.`);
    return byte;
  };
  let byte = next();
  const code = (byte >> 4) & 7;
  let size = byte & 0x0f;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = next();
    size += (byte & 0x7f) * scale;
  }
  if (!Number.isSafeInteger(size)) throw new ObjectError(`The entry at ${offset} has an impossible size.`);

  const type = TYPES[code];
  if (type !== undefined) return { offset, dataOffset: offset + at, size, kind: { type } };
  if (code === BY_OID) {
    const baseOid = bytes.toString('hex', at, at + SHA1_BYTES) as Oid;
    return { offset, dataOffset: offset + at + SHA1_BYTES, size, kind: { baseOid } };
  }
  if (code !== BY_OFFSET) throw new ObjectError(`The entry at ${offset} is of the unknown type ${code}.`);
  // Each further byte adds one, so that no distance can be written in two ways.
  byte = next();
  let distance = byte & 0x7f;
  while (byte & 0x80) {
    byte = next();
    distance = (distance + 1) * 128 + (byte & 0x7f);
  }
  if (distance <= 0 || distance >= offset) throw new ObjectError(`The entry at ${offset} has no base.`);
  return { offset, dataOffset: offset + at, size, kind: { baseOffset: offset - distance } };
}

/** The unpacked data of an entry, and where its compressed bytes end. The caller has checked the size. */
export async function inflateEntry(
  source: ByteSource,
  { offset, dataOffset, size }: PackEntry,
): Promise<{ readonly data: Buffer; readonly end: number }> {
  // zlib promises to make no more of `size` bytes than this, even where they cannot be compressed.
  const most = size + (size >> 10) + 64;
  const input = await source.from(dataOffset, most);
  try {
    const { buffer, engine } = inflateSync(input, {
      // The one way to learn where the compressed bytes end; the types do not know of it.
      info: true,
      // One byte more than there should be, so that one call of zlib is enough to see the end.
      chunkSize: Math.max(64, size + 1),
      maxOutputLength: Math.max(1, size),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    if (buffer.length !== size)
      throw new ObjectError(`The entry at ${offset} has another size than it says.`);
    return { data: buffer, end: dataOffset + engine.bytesWritten };
  } catch (cause) {
    if (cause instanceof ObjectError) throw cause;
    throw new ObjectError(`The entry at ${offset} cannot be unpacked.`, { cause });
  }
}

/** An object as it stands in a pack by itself. */
export function encodeEntry({ type, content }: GitObject): Buffer {
  const code = Number(Object.keys(TYPES).find((key) => TYPES[Number(key)] === type));
  // Four bits of the size beside the type, then seven at a time, the lowest first.
  const bytes = [(code << 4) | (content.length & 0x0f)];
  for (let rest = Math.floor(content.length / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 0x80;
    bytes.push(rest & 0x7f);
  }
  return Buffer.concat([Buffer.from(bytes), deflateSync(content)]);
}
