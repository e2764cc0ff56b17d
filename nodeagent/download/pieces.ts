import { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';

/** So much may wait for the disk. */
const MOST_WAITING = 256 * 1024;

/** What is smaller is put together with what comes beside it: each piece costs far more than its bytes. */
const SMALL = 16 * 1024;
const BLOCK = 64 * 1024;

/** Puts small pieces together, in the order in which they come. */
class Blocks {
  readonly #waiting: Uint8Array[] = [];
  bytes = 0;
  #block = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  add(piece: Uint8Array): void {
    this.bytes += piece.length;
    const isSmall = piece.length < SMALL;
    if (!isSmall || this.#to + piece.length > this.#block.length) this.#end();
    if (!isSmall) {
      this.#waiting.push(piece);
      return;
    }
    if (this.#to + piece.length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#from = this.#to = 0;
    }
    this.#block.set(piece, this.#to);
    this.#to += piece.length;
  }

  next(): Uint8Array | undefined {
    if (this.#waiting.length === 0) this.#end();
    const piece = this.#waiting.shift();
    this.bytes -= piece?.length ?? 0;
    return piece;
  }

  /** What is together by now is a piece of its own. */
  #end(): void {
    if (this.#to === this.#from) return;
    this.#waiting.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

/**
 * What comes of a stream, from now on. Unlike the iterator of the stream itself it gives all that came before the stream broke, and
 * only then throws for what reason it did. By `signal` it ends at once, whether the stream minds that or not.
 */
export function pieces(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks = new Blocks();
  let end: { readonly error?: unknown } | undefined;
  let changed = Promise.withResolvers<void>();
  const tell = (): void => {
    changed.resolve();
    changed = Promise.withResolvers<void>();
  };
  const stop = (): void => {
    end ??= { error: signal.reason };
    tell();
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  stream
    .on('data', (piece: Uint8Array) => {
      blocks.add(piece);
      if (blocks.bytes > MOST_WAITING) stream.pause();
      tell();
    })
    .once('end', () => {
      end ??= {};
      tell();
    })
    .once('error', (error) => {
      end ??= { error };
      tell();
    })
    .once('close', () => {
      end ??= { error: Object.assign(new Error('It was closed.'), { code: 'ECONNRESET' }) };
      tell();
    });
  return (async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      const piece = blocks.next();
      if (piece !== undefined) {
        if (blocks.bytes <= MOST_WAITING) stream.resume();
        yield piece;
      } else if (end === undefined) {
        await changed.promise;
      } else {
        if ('error' in end) throw end.error;
        return;
      }
    }
  })();
}
