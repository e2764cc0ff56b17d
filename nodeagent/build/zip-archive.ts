import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';

/** A file is no .zip that can be read, for this reason. */
export class NoZip extends Error {}

/** A file of a .zip, as its directory has it. */
export interface ZipMember {
  readonly name: string;
  readonly isPacked: boolean;
  /** Where what comes before its bytes begins. */
  readonly at: number;
  /** How many bytes it has in the archive, and unpacked. */
  readonly stored: number;
  readonly bytes: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** A comment at the end has no more. */
const MOST_COMMENT = 0xffff;
const MOST_DIRECTORY = 8 << 20;
/** Stands for a number that is elsewhere, in larger archives than any of drivers. */
const ELSEWHERE = 0xffffffff;
const ENCRYPTED = 1;
const METHODS: ReadonlyMap<number, boolean> = new Map([
  [0, false],
  [8, true],
]);

/** The files that the directory of an archive names, in its order; throws a NoZip. */
export async function zipMembers(file: FileHandle): Promise<readonly ZipMember[]> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END_BYTES + MOST_COMMENT);
  const tail = await bytesAt(file, size - tailBytes, tailBytes);
  const at = endOf(tail);
  if (at === undefined) throw new NoZip('it is no .zip, or has no end');
  const [count, bytes, offset] = [
    tail.readUInt16LE(at + 10),
    tail.readUInt32LE(at + 12),
    tail.readUInt32LE(at + 16),
  ];
  if (bytes > MOST_DIRECTORY || offset === ELSEWHERE) throw new NoZip('its directory is too large');
  const directory = await bytesAt(file, offset, bytes);
  const members: ZipMember[] = [];
  let next = 0;
  for (let index = 0; index < count; index++) {
    if (next + CENTRAL_BYTES > directory.length || directory.readUInt32LE(next) !== CENTRAL) {
      throw new NoZip('its directory is broken');
    }
    const lengths = [28, 30, 32].map((each) => directory.readUInt16LE(next + each));
    const [nameBytes = 0] = lengths;
    const ends = next + CENTRAL_BYTES + lengths.reduce((sum, each) => sum + each, 0);
    if (ends > directory.length) throw new NoZip('its directory is broken');
    members.push(memberAt(directory, next, nameBytes));
    next = ends;
  }
  return members;
}

/** Unpacks a file of an archive to `to`, and gives its SHA-256; of more bytes than it was said to have it takes none. */
export async function unzipMember(
  file: FileHandle,
  { name, isPacked, at, stored, bytes }: ZipMember,
  to: string,
  signal?: AbortSignal,
): Promise<string> {
  const header = await bytesAt(file, at, LOCAL_BYTES);
  if (header.readUInt32LE(0) !== LOCAL) throw new NoZip(`${name} is not where its directory says`);
  const start = at + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const hash = createHash('sha256');
  let had = 0;
  const measured = new Transform({
    transform(part: Buffer, _encoding, done) {
      had += part.length;
      if (had > bytes) return done(new NoZip(`${name} is longer than its directory says`));
      hash.update(part);
      done(null, part);
    },
  });
  const coming = pieces(file, start, stored);
  const into = createWriteStream(to, { mode: 0o600 });
  try {
    await (isPacked
      ? pipeline(coming, createInflateRaw(), measured, into, { signal })
      : pipeline(coming, measured, into, { signal }));
  } catch (error) {
    if (!((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_')) throw error;
    throw new NoZip(`${name} is broken`);
  }
  if (had < bytes) throw new NoZip(`${name} is shorter than its directory says`);
  return hash.digest('hex');
}

function endOf(tail: Buffer): number | undefined {
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    const isEnd =
      tail.readUInt32LE(at) === END && at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length;
    if (isEnd) return at;
  }
  return undefined;
}

function memberAt(directory: Buffer, at: number, nameBytes: number): ZipMember {
  const name = directory.toString('utf8', at + CENTRAL_BYTES, at + CENTRAL_BYTES + nameBytes);
  const isPacked = METHODS.get(directory.readUInt16LE(at + 10));
  if (isPacked === undefined || (directory.readUInt16LE(at + 8) & ENCRYPTED) !== 0) {
    throw new NoZip('it is packed in a way that is not known');
  }
  const [stored, bytes, offset] = [20, 24, 42].map((each) => directory.readUInt32LE(at + each));
  if (stored === undefined || bytes === undefined || offset === undefined) throw new NoZip('it is cut off');
  if ([stored, bytes, offset].includes(ELSEWHERE)) throw new NoZip('it is too large');
  return { name, isPacked, at: offset, stored, bytes };
}

async function* pieces(file: FileHandle, start: number, bytes: number): AsyncGenerator<Buffer> {
  for (let had = 0; had < bytes;) {
    const piece = await bytesAt(file, start + had, Math.min(1 << 18, bytes - had));
    had += piece.length;
    yield piece;
  }
}

async function bytesAt(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  if (bytesRead < bytes) throw new NoZip('it is cut off');
  return buffer;
}
