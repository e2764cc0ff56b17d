import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { reasonOf } from './connection-trouble.ts';

/** By what a certificate is taken for good. */
export interface Trust {
  /** Certificates, in PEM, of those that vouch for it; those that Node knows where unset. */
  readonly ca?: string | readonly string[] | undefined;
  /** Name that it is for, where the address has another. */
  readonly serverName?: string | undefined;
}

export function addressOf({ hostname, port }: URL): { readonly hostname: string; readonly port?: number } {
  return {
    // Of an address by six numbers, the brackets are for the URL alone.
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
  };
}

/** How TLS is spoken with an address. */
export function trustFor(url: URL, { ca, serverName }: Trust): ConnectionOptions {
  const { hostname } = addressOf(url);
  const name = serverName ?? (isIP(hostname) === 0 ? hostname : undefined);
  return {
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
    ...(name === undefined ? {} : { servername: name }),
  };
}

/** TLS with an address by way of a proxy. */
export async function openTunnel(
  proxy: URL,
  to: URL,
  trust: Trust,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { hostname, port = 443 } = addressOf(to);
  const place = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  const options = {
    ...addressOf(proxy),
    method: 'CONNECT',
    path: place,
    agent: false as const,
    signal,
    headers: { host: place, ...headers },
  };
  const request =
    proxy.protocol === 'https:'
      ? httpsRequest({ ...options, ...trustFor(proxy, { ca: trust.ca }) })
      : httpRequest(options);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const refuse = ({ statusCode = 0 }: IncomingMessage): void => {
    request.destroy();
    reject(new Error(`the proxy answers with HTTP status ${statusCode}`));
  };
  request
    .once('connect', (answer: IncomingMessage, socket: Socket) => {
      if (answer.statusCode === 200) resolve(socket);
      else refuse(answer);
    })
    .once('response', refuse)
    .on('error', (cause) => {
      reject(new Error(`the proxy cannot be reached (${reasonOf(cause)})`, { cause }));
    })
    .once('close', () => reject(new Error('the proxy closed the connection without an answer')))
    .end();
  const stop = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  let socket: Socket;
  try {
    socket = await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const secure = connectTls({ socket, host: hostname, ...trustFor(to, trust) });
  secure.once('close', () => socket.destroy());
  return secure;
}
