import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Server {
  readonly port: number;
  readonly requests: readonly IncomingMessage[];
}

type Answering = (request: IncomingMessage, response: ServerResponse, before: number) => void;

/** An HTTP server; with a folder of a certificate an HTTPS server. `before`: how many requests came before. */
export async function serve(answer: Answering, tls?: string): Promise<Server> {
  const requests: IncomingMessage[] = [];
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request);
    answer(request, response, requests.length - 1);
  };
  const read = async (name: string) => await readFile(join(tls ?? '', name), 'utf8');
  const server =
    tls === undefined
      ? createHttp(listener)
      : createHttps({ cert: await read('tls.crt'), key: await read('tls.key') }, listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

/** Gives bytes, and parts of them where it is asked to. */
export function giving(bytes: Buffer): Answering {
  return (request, response) => {
    const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    const from = Number(first ?? 0);
    response.writeHead(first === undefined ? 200 : 206, {
      'content-length': bytes.length - from,
      ...(first === undefined
        ? {}
        : { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.end(bytes.subarray(from));
  };
}

/** A proxy that lets CONNECT through to this port, whatever name is asked for, and tells which were. */
export async function connectProxy(
  port: number,
): Promise<{ readonly port: number; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createHttp((_request, response) => void response.writeHead(405).end());
  server.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
    asked.push(url);
    const behind = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(behind).pipe(socket);
    });
    for (const each of [socket, behind]) sockets.add(each.on('error', () => undefined));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** A proxy that answers every CONNECT with this, and hangs up. Gives its port. */
export async function connectRefused(answer: string): Promise<number> {
  const server = createHttp();
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined).end(answer);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}
