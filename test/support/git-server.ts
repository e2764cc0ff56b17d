import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../cluster/certificates.ts';
import { GitBackend } from './git-backend.ts';
import { meter, type MeterOptions } from './git-meter.ts';
import { GitRepository } from './git-repository.ts';

export interface GitServerOptions {
  /** Serves over HTTPS, with a certificate of an authority made for it. */
  readonly tls?: boolean;
  /**
   * Passwords by user, who may read and push. A password is taken as a bearer token too. Where neither users nor
   * readers are given, everyone may do everything.
   */
  readonly users?: Readonly<Record<string, string>>;
  /** Passwords of those who may only read. */
  readonly readers?: Readonly<Record<string, string>>;
}

/** A request as it came, and what became of it. */
export interface ServedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  readonly user: string | undefined;
  /** Undefined until an answer begins; where the connection is cut before, for good. */
  readonly status: number | undefined;
  /** Bytes of the request's body. */
  readonly uploaded: number;
  /** Bytes of the response's body. */
  readonly downloaded: number;
}

/** What befalls a request instead of a plain answer. */
export type Trouble =
  | { readonly refuse: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection ends within the request; git has then seen no more than so many bytes of its body. */
  | { readonly cutRequestAfter: number }
  /** Git does all that it was asked, then the connection ends after so many bytes of the response's body. */
  | { readonly cutResponseAfter: number }
  /** The response stops after so many bytes, and the connection stays open. */
  | { readonly stallResponseAfter: number };

/** Looks at each request before it is served. One that waits delays it; the first trouble returned is made. */
export type RequestHook = (request: ServedRequest) => Trouble | undefined | Promise<Trouble | undefined>;

export interface GitServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Of the authority that its certificate comes from, as PEM; empty without TLS. */
  readonly ca: string;
  /** Every request so far, in the order they came. */
  readonly requests: readonly ServedRequest[];
  clearRequests(): void;
  /** Gives the function that takes the hook away again. */
  onRequest(hook: RequestHook): () => void;
  /** An empty bare repository at `/NAME.git`. */
  createRepository(name: string): Promise<GitRepository>;
  /** Cuts every connection, ends every process and deletes every repository. */
  stop(): Promise<void>;
}

interface Served extends ServedRequest {
  uploaded: number;
  downloaded: number;
}

/** Starts a git server on a free port: the real one, behind a front that can make trouble. */
export async function startGitServer(options: GitServerOptions = {}): Promise<GitServer> {
  const root = await mkdtemp(join(tmpdir(), 'git-server-'));
  const backend = new GitBackend(root);
  const removeAtExit = () => {
    // Kills before it waits, and what is killed here is not waited for.
    void backend.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', removeAtExit);

  const requests: Served[] = [];
  const hooks = new Set<RequestHook>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { user, mayPush } = authenticate(request, options);
    const record: Served = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.headers,
      user,
      get status() {
        return response.headersSent ? response.statusCode : undefined;
      },
      uploaded: 0,
      downloaded: 0,
    };
    requests.push(record);
    const trouble = await firstTrouble(hooks, record);
    if (request.socket.destroyed) return;
    const answer = (status: number, body: string, headers: Readonly<Record<string, string>> = {}) => {
      request.resume();
      response.writeHead(status, { 'content-type': 'text/plain', ...headers }).end(body);
    };
    if (trouble && 'refuse' in trouble) return answer(trouble.refuse, trouble.body ?? '', trouble.headers);
    if (user === undefined) {
      return answer(401, 'Who are you?\n', { 'www-authenticate': 'Basic realm="git"' });
    }
    if (!mayPush && record.url.includes('git-receive-pack')) return answer(403, 'You may only read.\n');
    const hangUp = () => request.socket.destroy();
    const upload = meter({ count: (bytes) => (record.uploaded = bytes), ...onRequest(trouble, hangUp) });
    const download = meter({ count: (bytes) => (record.downloaded = bytes), ...onResponse(trouble, hangUp) });
    await backend.serve(request, response, { user, upload, download });
  }

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  };
  const authority = options.tls ? CertificateAuthority.create('Git server') : undefined;
  const server = authority ? createTlsServer(certificate(authority), listener) : createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `${authority ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    ca: authority?.certificate ?? '',
    requests,
    clearRequests: () => requests.splice(0),
    onRequest(hook) {
      hooks.add(hook);
      return () => hooks.delete(hook);
    },
    createRepository: (name) => GitRepository.create(join(root, `${name}.git`), `${url}/${name}.git`),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, backend.stop()]);
      await rm(root, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    },
  };
}

function certificate(authority: CertificateAuthority): { cert: string; key: string } {
  const { certificate: cert, key } = authority.issue({
    commonName: 'git',
    hosts: ['127.0.0.1', 'localhost'],
  });
  return { cert, key };
}

function authenticate(
  { headers }: IncomingMessage,
  { users, readers }: GitServerOptions,
): { user: string | undefined; mayPush: boolean } {
  if (users === undefined && readers === undefined) return { user: 'anyone', mayPush: true };
  const [scheme = '', credential = ''] = (headers.authorization ?? '').split(' ');
  const [name = '', password = ''] =
    scheme.toLowerCase() === 'basic' ? Buffer.from(credential, 'base64').toString().split(/:(.*)/s, 2) : [];
  const knows = ([user, secret]: [string, string]) =>
    scheme.toLowerCase() === 'bearer' ? secret === credential : user === name && secret === password;
  const writer = Object.entries(users ?? {}).find(knows);
  const reader = Object.entries(readers ?? {}).find(knows);
  return { user: (writer ?? reader)?.[0], mayPush: writer !== undefined };
}

function onRequest(trouble: Trouble | undefined, hangUp: () => void): Partial<MeterOptions> {
  if (!trouble || !('cutRequestAfter' in trouble)) return {};
  return { limit: trouble.cutRequestAfter, onLimit: hangUp, onEnd: hangUp };
}

function onResponse(trouble: Trouble | undefined, hangUp: () => void): Partial<MeterOptions> {
  if (trouble && 'cutResponseAfter' in trouble) return { limit: trouble.cutResponseAfter, onEnd: hangUp };
  if (trouble && 'stallResponseAfter' in trouble) {
    return { limit: trouble.stallResponseAfter, onEnd: () => new Promise(() => undefined) };
  }
  return {};
}

async function firstTrouble(
  hooks: Iterable<RequestHook>,
  request: ServedRequest,
): Promise<Trouble | undefined> {
  for (const hook of hooks) {
    const trouble = await hook(request);
    if (trouble !== undefined) return trouble;
  }
  return undefined;
}
