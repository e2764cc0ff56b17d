import { Buffer } from 'node:buffer';
import { close, constants, fstat, open, read, type Stats } from 'node:fs';

const { O_RDONLY, O_NONBLOCK, O_NOCTTY, S_IROTH } = constants;

/** A file that holds more than was asked for. */
export class TooLarge extends Error {}

/** Something that is no plain file, such as a pipe that nobody writes to. */
export class NoFile extends Error {}

/** A file that is not for everyone. */
export class NotPublic extends Error {}

export interface ReadOptions {
  readonly maxBytes: number;
  /** Whether a file that not everyone may read is left alone. */
  readonly publicOnly: boolean;
  /** Whether it is a file of the kernel's, which are all plain. */
  readonly ofKernel: boolean;
  /** Whether what it holds comes in pieces that end anywhere, as from `/proc`. */
  readonly inPieces: boolean;
}

/** Most files of the kernel are shorter. Room is used again: a report is made of a thousand files. */
const ROOM = 4096;
const rooms: Buffer[] = [];

/**
 * What `take` makes of the bytes of a file, which are its only until it returns. With callbacks, since promises of
 * `node:fs` cost twice as much.
 */
export async function readFile<Result>(
  path: Buffer,
  options: ReadOptions,
  take: (bytes: Buffer) => Result,
): Promise<Result> {
  const file = await opened(path);
  const room = rooms.pop() ?? Buffer.allocUnsafeSlow(ROOM);
  try {
    if (options.publicOnly || !options.ofKernel) {
      const stats = await statOf(file);
      if (!stats.isFile()) throw new NoFile();
      if (options.publicOnly && (stats.mode & S_IROTH) === 0) throw new NotPublic();
    }
    return take(await bytesOf(file, room, options));
  } finally {
    rooms.push(room);
    close(file);
  }
}

async function bytesOf(file: number, room: Buffer, { maxBytes, inPieces }: ReadOptions): Promise<Buffer> {
  let buffer = room;
  let length = 0;
  for (;;) {
    const free = buffer.length - length;
    const count = await readInto(file, buffer, length);
    length += count;
    if (length > maxBytes) throw new TooLarge();
    if (count === 0 || (count < free && !inPieces)) return buffer.subarray(0, length);
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafeSlow(buffer.length)]);
  }
}

function opened(path: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, (error, file) => (error ? reject(error) : resolve(file)));
  });
}

function statOf(file: number): Promise<Stats> {
  return new Promise((resolve, reject) => {
    fstat(file, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
}

function readInto(file: number, buffer: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(file, buffer, at, buffer.length - at, null, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}
