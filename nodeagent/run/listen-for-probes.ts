import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Log } from '../log.ts';
import type { Address } from '../args/command.ts';
import { ProbeAddressError } from '../errors.ts';
import type { Health } from './health.ts';

/** Whoever asks is the kubelet of this node: short requests, one at a time. */
const LIMITS = {
  maxHeaderSize: 4096,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 1000,
  connectionsCheckingInterval: 1000,
};
/** Beyond them the oldest goes: whoever keeps many open keeps nobody out. */
const MAX_CONNECTIONS = 16;
/** A connection on which nothing moves. */
const SILENT_MS = 5000;

export interface Probes {
  readonly port: number;
  close(): void;
}

/**
 * Answers `/livez` and `/readyz`, and nothing else. Throws a ProbeAddressError where the address cannot be had: the kubelet would
 * take the answers of whoever has it for this agent's.
 */
export async function listenForProbes(
  { host, port }: Address,
  health: Pick<Health, 'stuck' | 'waits'>,
  log: Log,
): Promise<Probes> {
  const pages: Readonly<Record<string, () => readonly string[]>> = {
    '/livez': () => health.stuck(),
    '/readyz': () => health.waits(),
  };
  const server = createServer(LIMITS, ({ method, url = '' }, response) => {
    const page = Object.hasOwn(pages, url) ? pages[url] : undefined;
    const [status, text] =
      page === undefined
        ? [404, 'There is /livez and /readyz.\n']
        : method !== 'GET' && method !== 'HEAD'
          ? [405, 'This is only to be read.\n']
          : answer(page());
    // Nothing that comes with a request is waited for.
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      connection: 'close',
    });
    response.end(method === 'HEAD' ? undefined : text);
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (sockets.size > MAX_CONNECTIONS) sockets.values().next().value?.destroy();
  });
  server.setTimeout(SILENT_MS, (socket) => socket.destroy());
  try {
    await once(server.listen(port, host), 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ProbeAddressError(`${host}:${port}`, code);
  }
  // Later faults of the socket, such as too many open files, are nothing that the agent ends for.
  server.on('error', (error: NodeJS.ErrnoException) => {
    log.warn({ reason: error.code ?? error.message }, 'Cannot answer probes');
  });
  const bound = (server.address() as AddressInfo).port;
  log.info({ host, port: bound }, 'Answers probes');
  return { port: bound, close: () => close(server) };
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function answer(sentences: readonly string[]): readonly [status: number, text: string] {
  return sentences.length === 0 ? [200, 'ok\n'] : [503, `${sentences.join('\n')}\n`];
}
