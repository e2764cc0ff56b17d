import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Tls } from './connection.ts';

/** As many requests are under way at once; more gains nothing, the API server is the bound. */
export const MAX_CONNECTIONS = 16;

export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Undefined where there was more than `maxBytes`. */
  readonly text: string | undefined;
}

/** Kept-alive connections to one server under one TLS identity. */
export class Transport {
  readonly tls: Tls;
  readonly #origin: string;
  readonly #dispatcher: Dispatcher;

  constructor(server: URL, proxy: URL | undefined, tls: Tls) {
    this.tls = tls;
    this.#origin = server.origin;
    const shared = {
      connections: MAX_CONNECTIONS,
      // Over HTTP/2 undici sends one PATCH at a time, and the API server is no faster for it.
      allowH2: false,
      // Each request carries a deadline for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Below the idle time after which load balancers drop a connection without a word.
      keepAliveTimeout: 30_000,
    };
    const secure = { ...tls, allowH2: false, timeout: 10_000, keepAliveInitialDelay: 30_000 };
    this.#dispatcher =
      proxy === undefined
        ? new Pool(server.origin, { ...shared, connect: secure })
        : new ProxyAgent({ ...shared, uri: proxy.href, connectTimeout: 10_000, requestTls: secure });
  }

  /** One request and the whole of its answer. Rejects with what undici, the socket or `signal` say. */
  async exchange({ maxBytes, headers, body, ...request }: Exchange): Promise<Answer> {
    const answer = await this.#dispatcher.request({
      ...request,
      origin: this.#origin,
      headers: { ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      // Leaving the loop ends the connection.
      if (size > maxBytes) break;
      chunks.push(chunk);
    }
    const { 'retry-after': retryAfter } = answer.headers;
    return {
      status: answer.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      text: size > maxBytes ? undefined : Buffer.concat(chunks).toString('utf8'),
    };
  }

  /** Lets requests under way finish, then closes every connection. */
  async close(): Promise<void> {
    await this.#dispatcher.close();
  }
}
