import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** An agent is to take little memory on ten thousand nodes, and may take a second longer for it. */
const CHUNK = 64 * 1024;

/** SHA-256 of a file, read in pieces through one small buffer. */
export async function hashSlowly(path: string): Promise<string> {
  await using handle = await open(path);
  return await hashHandle(handle);
}

/** SHA-256 of an open file, from its beginning on. */
export async function hashHandle(handle: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const room = Buffer.allocUnsafeSlow(CHUNK);
  for (let at = 0; ;) {
    const { bytesRead } = await handle.read(room, 0, CHUNK, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(room.subarray(0, bytesRead));
    at += bytesRead;
  }
}
