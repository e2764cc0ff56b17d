import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** So much is read while as much is hashed. */
const CHUNK = 1 << 20;

/** SHA-256 of a file that is open, from its first byte on, and how many bytes these were. */
export async function hashOf(
  handle: FileHandle,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let [ready, next] = [Buffer.allocUnsafe(CHUNK), Buffer.allocUnsafe(CHUNK)];
  let { bytesRead } = await handle.read(ready, 0, CHUNK, 0);
  let bytes = 0;
  while (bytesRead > 0) {
    bytes += bytesRead;
    const reading = handle.read(next, 0, CHUNK, bytes);
    hash.update(ready.subarray(0, bytesRead));
    ({ bytesRead } = await reading);
    [ready, next] = [next, ready];
  }
  return { sha256: hash.digest('hex'), bytes };
}

export async function hashFile(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  await using handle = await open(path);
  return await hashOf(handle);
}
