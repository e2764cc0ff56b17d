import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { issue, newAuthority } from '../../../reconciler/world/drivers/authority.ts';
import type { DriverSource } from '../../../schemas/node/drivers.ts';

export interface Asked {
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export interface PackageServer {
  readonly source: DriverSource;
  readonly asked: readonly Asked[];
  /** What it answers from now on. */
  answer: Answer;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers with these bytes or the rest of them, as a file server does; after `cut` bytes of an answer the connection breaks. */
export function file(
  bytes: Uint8Array,
  { etag = '"v1"', cut = Infinity }: { etag?: string; cut?: number } = {},
): Answer {
  return (request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const isRest = from !== undefined && request.headers['if-range'] === etag;
    const rest = bytes.subarray(isRest ? Number(from) : 0);
    response.writeHead(isRest ? 206 : 200, {
      etag,
      'content-length': rest.length,
      ...(isRest ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    if (rest.length <= cut) response.end(rest);
    else response.write(rest.subarray(0, cut), () => response.socket?.destroy());
  };
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_, response) => void response.writeHead(code, headers).end();
}

const NAME = 'demo-dist.weka.svc.cluster.local';

/** A file server on this machine, over TLS where it is told so; it goes when the test has finished. */
export async function packageServer({ tls = false }: { tls?: boolean } = {}): Promise<PackageServer> {
  const asked: Asked[] = [];
  const server: PackageServer = { source: { url: '' }, asked, answer: status(404) };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const { range, 'if-range': ifRange } = request.headers;
    asked.push({ path: request.url ?? '', range, ifRange: ifRange as string | undefined });
    server.answer(request, response);
  };
  const trust = tls ? await certificates() : undefined;
  const listener = trust === undefined ? createHttp(handle) : createHttps(trust, handle);
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    listener.close();
    listener.closeAllConnections();
  });
  const { port } = listener.address() as AddressInfo;
  const source: DriverSource = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    ...(trust === undefined ? {} : { serverName: NAME, ca: trust.ca }),
  };
  return Object.assign(server, { source });
}

async function certificates() {
  const now = new Date();
  const authority = await newAuthority('test', now);
  const { certificate, key } = await issue(authority, { use: 'server', names: [NAME] }, now);
  return { cert: certificate, key, ca: authority.certificate };
}
