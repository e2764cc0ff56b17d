import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { prose } from '../../core/report/plain.ts';
import type { Log } from '../../ports.ts';
import { Webhook, type WebhookOptions } from '../forge/webhook.ts';
import type { Answer } from './answer.ts';
import { Connections } from './connections.ts';
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
  /** Hears a forge at `/webhook`; there is no such page where unset. */
  readonly webhook?: Omit<WebhookOptions, 'log'> | undefined;
  readonly log: Log;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no new request, and is gone within a second. */
  close(): Promise<void>;
}

/** Whoever asks is a probe or a scraper in the same cluster, or a forge: short requests, few connections. */
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
};
const MAX_CONNECTIONS = 64;
/** Where strangers may call. */
const MAX_CONNECTIONS_WITH_WEBHOOK = 512;
/** Connections that wait to be let in, as far as the system allows: they must not have to try again a second later. */
const BACKLOG = 4_096;
/** What a request has that is not read is thrown away, and its connection kept, up to so many bytes. */
const SHORT_BODY = 64 * 1024;
/** A connection on which nothing moves. */
const SILENT_MS = 60_000;
/** For answers under way when the server closes. */
const GRACE_MS = 500;

/** Serves `/healthz`, `/readyz` and `/metrics`, to be read by anybody who reaches it, and hears the forge. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host, port, log } = options;
  const webhook = options.webhook && new Webhook({ ...options.webhook, log });
  const connections = new Connections(webhook === undefined ? MAX_CONNECTIONS : MAX_CONNECTIONS_WITH_WEBHOOK);
  const answer = (request: IncomingMessage, response: ServerResponse, continues: () => void): void => {
    response.once('close', connections.use(request.socket));
    void serve(request, response, { ...options, hook: webhook, continues });
  };
  const server = createServer(LIMITS, (request, response) => answer(request, response, () => undefined));
  // Whoever asks before sending a large body is answered before it is sent.
  server.on('checkContinue', (request, response) => {
    answer(request, response, () => response.writeContinue());
  });
  server.on('connection', (socket) => connections.add(socket));
  server.setTimeout(SILENT_MS);
  try {
    await once(server.listen(port, host, BACKLOG), 'listening');
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

interface Serving extends ServerOptions {
  readonly hook: Webhook | undefined;
  /** Lets a sender go on that waits for it. */
  readonly continues: () => void;
}

async function serve(request: IncomingMessage, response: ServerResponse, options: Serving): Promise<void> {
  const { status, text, type = 'text/plain; charset=utf-8', headers } = await answerTo(request, options);
  const body = Buffer.from(text);
  response.writeHead(status, {
    'content-type': type,
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // What is left of a body is not waited for.
    ...(isRead(request) ? {} : { connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerTo(request: IncomingMessage, options: Serving): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?');
  const { hook, continues, log } = options;
  try {
    if (path === '/webhook' && hook !== undefined) return await hook.answer(request, continues);
    const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
    if (page === undefined) return { status: 404, text: 'There is /healthz, /readyz and /metrics.\n' };
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return { status: 405, text: 'This is only to be read.\n', headers: { allow: 'GET, HEAD' } };
    }
    return await page(options);
  } catch (error) {
    log.error({ path, why: prose(String(error)) }, 'Could not answer a request');
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

/** Whether there is nothing more to come of a request, or so little that it may come. */
function isRead({ headers, method, complete }: IncomingMessage): boolean {
  if (complete) return true;
  if (headers['transfer-encoding'] !== undefined || headers.expect !== undefined) return false;
  const size = Number(headers['content-length'] ?? 0);
  return size === 0 || (method === 'POST' && size <= SHORT_BODY);
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
