import type { Readable } from 'node:stream';

/** So much may wait for the disk. */
const MOST_WAITING = 256 * 1024;

/**
 * What comes of a stream, from now on. Unlike the iterator of the stream itself it gives all that came before the stream broke, and
 * only then throws for what reason it did. It ends by `signal` whether the stream minds that or not.
 */
export function pieces(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
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
      waiting.push(piece);
      bytes += piece.length;
      if (bytes > MOST_WAITING) stream.pause();
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
      const piece = waiting.shift();
      if (piece !== undefined) {
        bytes -= piece.length;
        if (bytes <= MOST_WAITING) stream.resume();
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
