import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** What comes in small pieces is hashed and written in ones of this size. */
const CHUNK = 1 << 20;

/**
 * Writes all of `body` to a new file, hashed on the way, and on the disk when this returns. The next piece is awaited while the
 * last one is written. Stops after `most` bytes, whatever else comes. `isWritten` is told of each piece that has its place there.
 */
export async function receiveFile(
  path: string,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number,
  isWritten: (bytes: number) => void = () => undefined,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  await using handle = await open(path, 'wx', 0o644);
  const hash = createHash('sha256');
  let [filling, other] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  let filled = 0;
  let bytes = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = async () => {
    const chunk = filling.subarray(0, filled);
    hash.update(chunk);
    await writing;
    writing = writeAll(chunk);
    // It is awaited before the next write; a failure before that is no unhandled one.
    writing.catch(() => undefined);
    [filling, other] = [other, filling];
    filled = 0;
  };
  const writeAll = async (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
    isWritten(chunk.length);
  };
  try {
    for await (const piece of body) {
      bytes += piece.length;
      if (bytes > most) break;
      for (let at = 0; at < piece.length;) {
        const part = piece.subarray(at, at + CHUNK - filled);
        filling.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled === CHUNK) await flush();
      }
    }
    if (filled > 0) await flush();
  } finally {
    await writing;
  }
  await handle.sync();
  return { sha256: hash.digest('hex'), bytes };
}
