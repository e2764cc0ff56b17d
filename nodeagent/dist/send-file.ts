import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from './ranges.ts';

/** Large pieces take less time, and small ones less memory: together all that are being sent take about this, two pieces each. */
const MEMORY = 64 << 20;
const [LEAST, MOST] = [1 << 16, 1 << 20];

let sending = 0;

/** Sends bytes of a file that is open; false where the other end went before it had all. The stream stays open. */
export async function sendFile(handle: FileHandle, range: ByteRange, to: Writable): Promise<boolean> {
  sending += 1;
  try {
    return await sendPieces(
      handle,
      range,
      to,
      Math.max(LEAST, Math.min(MOST, MEMORY / 2 / sending)) & ~0xfff,
    );
  } finally {
    sending -= 1;
  }
}

async function sendPieces(
  handle: FileHandle,
  { first, last }: ByteRange,
  to: Writable,
  size: number,
): Promise<boolean> {
  const room = Math.min(size, last + 1 - first);
  let [ready, next] = [Buffer.allocUnsafe(room), Buffer.allocUnsafe(room)];
  const read = async (into: Buffer, at: number) =>
    (await handle.read(into, 0, Math.min(room, last + 1 - at), at)).bytesRead;
  let at = first;
  let filled = await read(ready, at);
  while (filled > 0) {
    at += filled;
    // Until it is sent, nothing else may be written over it.
    const [isSent, more] = await Promise.all([
      send(to, ready.subarray(0, filled)),
      at > last ? 0 : read(next, at),
    ]);
    if (!isSent) return false;
    filled = more;
    [ready, next] = [next, ready];
  }
  return at === last + 1;
}

async function send(to: Writable, bytes: Uint8Array): Promise<boolean> {
  return await new Promise((resolve) => {
    if (to.destroyed) {
      resolve(false);
      return;
    }
    const gone = () => resolve(false);
    to.once('close', gone);
    to.write(bytes, (error) => {
      to.off('close', gone);
      resolve(error === null || error === undefined);
    });
  });
}
