import type { FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ByteRange } from './ranges.ts';
import { takeBuffers } from './send-memory.ts';

/** The least that who reads has to take of what is sent, each time so long. */
export interface Pace {
  readonly bytesPerMs: number;
  readonly overMs: number;
}

/** 64 KiB a second: an agent itself gives up a source that is slower than 100 kB a second. */
export const PACE: Pace = { bytesPerMs: 65.536, overMs: 30_000 };

/** `gone`: the other end went before it had all; `slow`: it took too little, and was cut off. */
export type Sent = 'all' | 'gone' | 'slow';

/** Sends bytes of a file that is open. The stream stays open where all of them were sent. */
export async function sendFile(
  handle: FileHandle,
  range: ByteRange,
  to: Writable,
  { bytesPerMs, overMs }: Pace = PACE,
): Promise<Sent> {
  const { buffers, giveBack } = takeBuffers(range.last + 1 - range.first);
  // A piece is seen to be taken only when all of it is.
  const least = Math.max(1, bytesPerMs * overMs - buffers[0].length);
  let taken = 0;
  let isSlow = false;
  const timer = setInterval(() => {
    isSlow = taken < least;
    taken = 0;
    if (isSlow) to.destroy();
  }, overMs);
  try {
    const isAll = await sendPieces(handle, range, to, buffers, (bytes) => (taken += bytes));
    return isAll ? 'all' : isSlow ? 'slow' : 'gone';
  } finally {
    clearInterval(timer);
    giveBack();
  }
}

async function sendPieces(
  handle: FileHandle,
  { first, last }: ByteRange,
  to: Writable,
  buffers: readonly [Buffer, Buffer],
  isTaken: (bytes: number) => void,
): Promise<boolean> {
  let [ready, next] = buffers;
  const read = async (into: Buffer, at: number) =>
    (await handle.read(into, 0, Math.min(into.length, last + 1 - at), at)).bytesRead;
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
    isTaken(filled);
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
