import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** 1 January 1980, the first day that the format has. */
const DATE = 0x0021;

const DEFLATED = 8;

/** A .zip of these files; the same files give the same bytes. */
export function zip(entries: readonly ZipEntry[], { isPacked = true } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of entries) {
    const bytes = Buffer.from(name);
    const stored = isPacked ? deflateRawSync(content) : content;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isPacked ? DEFLATED : 0, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(stored.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(bytes.length, 22);
    parts.push(word(LOCAL), common, bytes, stored);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(word(CENTRAL), Buffer.from([20, 3]), common, tail, bytes);
    offset += 4 + common.length + bytes.length + stored.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, listed, word(END), end]);
}

/** The files of what `zip` made; throws where it is not whole. */
export function unzip(bytes: Buffer): readonly ZipEntry[] {
  const at = bytes.length - 22;
  if (at < 0 || bytes.readUInt32LE(at) !== END) throw new Error('It is no whole .zip.');
  const entries: ZipEntry[] = [];
  let next = bytes.readUInt32LE(at + 16);
  for (let index = 0; index < bytes.readUInt16LE(at + 10); index++) {
    if (bytes.readUInt32LE(next) !== CENTRAL) throw new Error('Its directory is broken.');
    const isDeflated = bytes.readUInt16LE(next + 10) === DEFLATED;
    const [crc, size] = [bytes.readUInt32LE(next + 16), bytes.readUInt32LE(next + 20)];
    const nameLength = bytes.readUInt16LE(next + 28);
    const name = bytes.toString('utf8', next + 46, next + 46 + nameLength);
    const start = bytes.readUInt32LE(next + 42) + 30 + nameLength;
    const stored = bytes.subarray(start, start + size);
    const content = isDeflated ? unpacked(stored, name) : stored;
    if (crc32(content) !== crc) throw new Error(`${name} is broken.`);
    entries.push({ name, content });
    next += 46 + nameLength;
  }
  return entries;
}

function unpacked(stored: Buffer, name: string): Buffer {
  try {
    return inflateRawSync(stored);
  } catch {
    throw new Error(`${name} is broken.`);
  }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
