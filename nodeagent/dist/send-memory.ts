import { MOST_HELD } from './connections.ts';

/** Large pieces take less time, small ones less memory. Everybody gets at least this, of whom there are only so many. */
const LEAST = 1 << 15;
const MOST = 1 << 20;
/** What there is beyond that, for all of them. */
const SPARE = 64 << 20;
/** Nobody takes more of what is left, so that there is some for those who come later. */
const SHARE = 4;

/** The most that all buffers for sending take together, two for each. */
export const SEND_MEMORY = MOST_HELD.all * 2 * LEAST + SPARE;

let spare = SPARE;

export interface SendBuffers {
  /** One fills while the other is sent. */
  readonly buffers: readonly [Buffer, Buffer];
  readonly giveBack: () => void;
}

/** Buffers for sending so many bytes. They have to be given back. */
export function takeBuffers(bytes: number): SendBuffers {
  let size = MOST;
  while (size > LEAST && 2 * (size - LEAST) > spare / SHARE) size /= 2;
  const [room, extra] = [Math.min(size, bytes), 2 * (size - LEAST)];
  spare -= extra;
  return {
    buffers: [Buffer.allocUnsafe(room), Buffer.allocUnsafe(room)],
    giveBack: () => void (spare += extra),
  };
}
