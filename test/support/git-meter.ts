import { Transform, type TransformCallback } from 'node:stream';

export interface MeterOptions {
  /** Told how many bytes have come so far, those that were held back too. */
  readonly count: (bytes: number) => void;
  /** Bytes that are let through; all where unset. */
  readonly limit?: number;
  /** Called when the limit is reached, or at the end of a shorter body. */
  readonly onLimit?: () => void;
  /** Called at the end of the body, whether it was let through or not. What it returns is waited for. */
  readonly onEnd?: () => Promise<void> | void;
}

/** A body on its way: counts its bytes, and may keep back all beyond a limit. */
export function meter({ count, limit = Infinity, onLimit, onEnd }: MeterOptions): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const room = Math.max(0, limit - total);
      total += chunk.length;
      count(total);
      if (room > 0) this.push(chunk.subarray(0, room));
      if (room <= chunk.length) onLimit?.();
      done();
    },
    flush(done: TransformCallback) {
      Promise.resolve(onEnd?.()).then(() => done(), done);
    },
  });
}
