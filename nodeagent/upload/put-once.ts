import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SecureContextOptions } from 'node:tls';
import { DRIVERS_PATH } from '../../schemas/drivers/package.ts';
import { DIGEST_HEADER } from '../../schemas/drivers/uploaders.ts';
import { answerTo } from '../download/answer-to.ts';

/** A package, and the service that it is for. */
export interface Destination {
  /** Its name in the service. */
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Address of the service, without /dist/v1. */
  readonly url: string;
  /** Name that the certificate of the service is for, where its address has another. */
  readonly serverName?: string | undefined;
}

/** Gives the bytes of a package from the first on, each time that it is called. */
export type Source = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs?: number;
}

/** The service hashes what it has before it answers; otherwise something moves all the time. */
const SILENT_MS = 120_000;
const MAX_REPLY = 4096;

/**
 * Sends a package once, and only if the service wants it. Rejects with what the source, the socket or `signal` say. Nothing of the
 * source is read before the service has asked for it.
 */
export async function putOnce(
  { file, sha256, bytes, url, serverName }: Destination,
  tls: SecureContextOptions,
  source: Source,
  signal: AbortSignal,
): Promise<Reply> {
  const request = httpsRequest(new URL(`${DRIVERS_PATH}/${encodeURIComponent(file)}`, url), {
    method: 'PUT',
    agent: false,
    signal,
    ...tls,
    ...(serverName === undefined ? {} : { servername: serverName }),
    headers: { 'content-length': bytes, [DIGEST_HEADER]: sha256, expect: '100-continue' },
  });
  request.setTimeout(SILENT_MS, () =>
    request.destroy(new Error('Nothing is heard of the service any more.')),
  );
  const over = new AbortController();
  const { promise: broken, reject } = Promise.withResolvers<never>();
  request.once('continue', () => {
    const bytes = noting(source(AbortSignal.any([signal, over.signal])), reject);
    // What goes wrong with the request, it tells by itself.
    pipeline(Readable.from(bytes, { objectMode: false }), request).catch(() => undefined);
  });
  try {
    const response = await Promise.race([answerTo(request, signal), broken]);
    const retryAfter = Number(response.headers['retry-after']);
    return {
      status: response.statusCode ?? 0,
      text: await textOf(response),
      ...(Number.isInteger(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
    };
  } finally {
    over.abort();
    request.destroy();
  }
}

/** What comes of `source`; what goes wrong there is told, since a request that ends by it says something else. */
async function* noting(
  source: AsyncIterable<Uint8Array>,
  tell: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    tell(error);
    throw error;
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_REPLY) break;
  }
  return text.trim();
}
