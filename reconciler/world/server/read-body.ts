import type { IncomingMessage } from 'node:http';

export interface BodyLimits {
  readonly mostBytes: number;
  readonly withinMs: number;
  /** Ends the wait for it before. */
  readonly hurry?: AbortSignal;
}

/** Why there is no body: it has more bytes than it may have, did not come in time, or ended before its end. */
export type BodyFault = 'large' | 'slow' | 'cut';

/** The body of a request as it was sent. Once it is over a limit, no more of it is read. */
export async function readBody(
  request: IncomingMessage,
  { mostBytes, withinMs, hurry }: BodyLimits,
): Promise<Buffer | BodyFault> {
  const { promise, resolve } = Promise.withResolvers<Buffer | BodyFault>();
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > mostBytes) resolve('large');
    else chunks.push(chunk);
  };
  const onEnd = (): void => resolve(Buffer.concat(chunks));
  const onCut = (): void => resolve('cut');
  const onLate = (): void => resolve('slow');
  const late = setTimeout(onLate, withinMs);
  hurry?.addEventListener('abort', onLate);
  request.on('data', onData).once('end', onEnd).once('error', onCut).once('close', onCut);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    hurry?.removeEventListener('abort', onLate);
    request.off('data', onData).off('end', onEnd).off('close', onCut);
    // Whoever goes away later has an error that is nobody's.
    request.off('error', onCut).on('error', () => undefined);
    request.pause();
  }
}
