import { type Dispatcher, Pool, ProxyAgent } from 'undici';
import type { Tls } from './connection.ts';
import { type Answer, exchange, type Exchange } from './exchange.ts';

/** As many requests are under way at once; more gains nothing, the API server is the bound. */
export const MAX_CONNECTIONS = 16;

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
  async exchange(asked: Exchange): Promise<Answer> {
    return await exchange(this.#dispatcher, this.#origin, asked);
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
