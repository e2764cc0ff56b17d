import type { Writable } from 'node:stream';
import type { ByteRange } from './ranges.ts';
import { LARGEST_PIECE, type Piece, type PieceSource, SharedPieces } from './shared-pieces.ts';

/** The least that who reads has to take of what is sent, each time so long. */
export interface Pace {
  readonly bytesPerMs: number;
  readonly overMs: number;
}

/** 64 KiB a second: an agent itself gives up a source that is slower than 100 kB a second. */
export const PACE: Pace = { bytesPerMs: 65.536, overMs: 30_000 };

/** `gone`: the other end went before it had all; `slow`: it took too little, and was cut off. */
export type Sent = 'all' | 'gone' | 'slow';

const pieces = new SharedPieces();

/** Sends bytes of a file that is open. The stream stays open where all of them were sent. */
export async function sendFile(
  source: PieceSource,
  range: ByteRange,
  to: Writable,
  { bytesPerMs, overMs }: Pace = PACE,
): Promise<Sent> {
  // A piece is seen to be taken only when all of it is.
  const least = Math.max(1, bytesPerMs * overMs - LARGEST_PIECE);
  let taken = 0;
  let isSlow = false;
  const timer = setInterval(() => {
    isSlow = taken < least;
    taken = 0;
    if (isSlow) to.destroy();
  }, overMs);
  const end = pieces.begin();
  try {
    const isAll = await sendPieces(source, range, to, (bytes) => (taken += bytes));
    return isAll ? 'all' : isSlow ? 'slow' : 'gone';
  } finally {
    clearInterval(timer);
    end();
  }
}

async function sendPieces(
  source: PieceSource,
  { first, last }: ByteRange,
  to: Writable,
  isTaken: (bytes: number) => void,
): Promise<boolean> {
  const send = sender(to);
  const take = async (at: number) => await pieces.take(source, at, last + 1 - first);
  let at = first;
  let piece: Piece | undefined = await take(at);
  while (piece !== undefined && piece.bytes.length > 0) {
    const bytes = piece.bytes.subarray(0, last + 1 - at);
    at += bytes.length;
    // Neither is left to itself: a piece is given back when nobody reads it any more, and the file stays open until then.
    const [sent, next]: [PromiseSettledResult<boolean>, PromiseSettledResult<Piece | undefined>] =
      await Promise.allSettled([send(bytes), at > last ? undefined : take(at)]);
    piece.giveBack();
    if (next.status === 'rejected') throw next.reason;
    piece = next.value;
    if (sent.status === 'rejected' || !sent.value) {
      piece?.giveBack();
      return false;
    }
    isTaken(bytes.length);
  }
  piece?.giveBack();
  return at === last + 1;
}

/** What writes to a stream, one after another: false where it was closed before all of that was on its way. */
function sender(to: Writable): (bytes: Uint8Array) => Promise<boolean> {
  let isClosed = to.destroyed;
  let closed: (() => void) | undefined;
  to.once('close', () => {
    isClosed = true;
    closed?.();
  });
  return async (bytes) =>
    await new Promise((resolve) => {
      if (isClosed) {
        resolve(false);
        return;
      }
      closed = () => resolve(false);
      to.write(bytes, (error) => resolve(error === null || error === undefined));
    });
}
