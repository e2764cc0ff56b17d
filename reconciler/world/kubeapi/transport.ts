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
  /** Asked right before the first byte is sent; what it throws is what the exchange rejects with. */
  readonly beforeSend?: (() => void) | undefined;
}

export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Undefined where there was more than `maxBytes`. */
  readonly text: string | undefined;
}

/** An answer whose body is read while it comes. */
export interface Stream {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** To be read to its end, or left by ending the loop over it. */
  readonly body: AsyncIterable<Buffer>;
}

/** Kept-alive connections to one server under one TLS identity. */
export class Transport {
  readonly tls: Tls;
  readonly #origin: string;
  readonly #dispatcher: Dispatcher;
  readonly #newDispatcher: (connections: number | null) => Dispatcher;
  #streams: Dispatcher | undefined;

  constructor(server: URL, proxy: URL | undefined, tls: Tls) {
    this.tls = tls;
    this.#origin = server.origin;
    const shared = {
      // Over HTTP/2 undici sends one PATCH at a time, and the API server is no faster for it.
      allowH2: false,
      // Each request carries a deadline for all of it.
      headersTimeout: 0,
      bodyTimeout: 0,
      // Below the idle time after which load balancers drop a connection without a word.
      keepAliveTimeout: 30_000,
    };
    const secure = { ...tls, allowH2: false, timeout: 10_000, keepAliveInitialDelay: 30_000 };
    this.#newDispatcher = (connections) =>
      proxy === undefined
        ? new Pool(server.origin, { ...shared, connections, connect: secure })
        : new ProxyAgent({
            ...shared,
            connections,
            uri: proxy.href,
            connectTimeout: 10_000,
            requestTls: secure,
          });
    this.#dispatcher = this.#newDispatcher(MAX_CONNECTIONS);
  }

  /** One request and the whole of its answer. Rejects with what undici, the socket or `signal` say. */
  async exchange({ maxBytes, headers, body, beforeSend, ...request }: Exchange): Promise<Answer> {
    const dispatcher =
      beforeSend === undefined ? this.#dispatcher : this.#dispatcher.compose(asking(beforeSend));
    const answer = await dispatcher.request({
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

  /**
   * One request whose answer may take hours to end. Each has a connection of its own, so that however many there are,
   * none takes the turn of an exchange. Rejects, and its body throws, as `exchange` does.
   */
  async stream({ headers, ...request }: Omit<Exchange, 'body' | 'maxBytes' | 'beforeSend'>): Promise<Stream> {
    this.#streams ??= this.#newDispatcher(null);
    const {
      statusCode,
      headers: answered,
      body,
    } = await this.#streams.request({
      ...request,
      origin: this.#origin,
      headers: { ...headers },
    });
    // Whoever gave up does not listen for the error that giving up leads to.
    body.on('error', () => {});
    const { 'retry-after': retryAfter } = answered;
    return {
      status: statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      body: body as AsyncIterable<Buffer>,
    };
  }

  /** Lets requests and streams under way finish, then closes every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#dispatcher.close(), this.#streams?.close()]);
  }

  /** Ends every stream, however much of it is to come. */
  async cutStreams(): Promise<void> {
    await this.#streams?.destroy();
  }
}

/**
 * Asks once a connection is there and the request is about to be written to it, however long it waited for that. What is
 * thrown there becomes the error of the request, of which nothing is sent.
 */
function asking(beforeSend: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart(controller, context) {
        beforeSend();
        handler.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
}
