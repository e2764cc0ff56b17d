import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { prose } from '../../core/report/plain.ts';
import type { Log } from '../../ports.ts';
import { ListenError } from './errors.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Why the process is of no use any more; undefined while it is well. */
  health(): string | undefined;
  /** What it waits for before it does its work; empty once it is ready. */
  ready(): readonly string[];
  /** A prom-client registry. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  readonly log: Log;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no new request, and is gone within a second. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Whoever asks is a probe or a scraper in the same cluster: short requests, few connections. */
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 64;
/** A connection on which nothing moves. */
const SILENT_MS = 60_000;
/** For answers under way when the server closes. */
const GRACE_MS = 500;

/** Serves `/healthz`, `/readyz` and `/metrics`, to be read by anybody who reaches it. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port } = options;
  const server = createServer(LIMITS, (request, response) => void serve(request, response, options));
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(SILENT_MS);
  try {
    await once(server.listen(port, host), 'listening');
  } catch (cause) {
    throw listenError(host, port, cause);
  }
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(cut);
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
): Promise<void> {
  const { status, text, type = 'text/plain; charset=utf-8', headers } = await answer(request, options);
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Nobody has a body to send here, so it is not waited for.
    ...(hasBody(request) ? { connection: 'close' } : {}),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(request: IncomingMessage, options: ServerOptions): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?');
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
  if (page === undefined) return { status: 404, text: 'There is /healthz, /readyz and /metrics.\n' };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, text: 'This is only to be read.\n', headers: { allow: 'GET, HEAD' } };
  }
  try {
    return await page(options);
  } catch (error) {
    options.log.error({ path, why: prose(String(error)) }, 'Could not answer a request');
    return { status: 500, text: 'This failed; the log says why.\n' };
  }
}

const PAGES: Readonly<Record<string, (options: ServerOptions) => Answer | Promise<Answer>>> = {
  '/healthz': (options) => {
    const why = options.health();
    return why === undefined ? { status: 200, text: 'ok\n' } : { status: 503, text: `${prose(why)}\n` };
  },
  '/readyz': (options) => {
    const waits = options.ready();
    if (waits.length === 0) return { status: 200, text: 'ok\n' };
    return { status: 503, text: waits.map((what) => `${prose(what)}\n`).join('') };
  },
  '/metrics': async ({ metrics }) => ({
    status: 200,
    text: await metrics.metrics(),
    type: metrics.contentType,
  }),
};

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const WHY: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EACCES: 'the system does not allow it',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'its name is not known',
};

function listenError(host: string, port: number, cause: unknown): ListenError {
  const code = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? '') : '';
  const why = WHY[code] ?? (code === '' ? 'it failed' : code);
  return new ListenError(`Health and metrics cannot be served at ${host}, port ${port}: ${why}.`, {
    hint: 'Choose another address for them in the configuration.',
    cause,
  });
}
