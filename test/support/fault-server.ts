import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import type { Identity } from '../cluster/certificates.ts';
import type { Cluster } from '../cluster/cluster.ts';

/** What becomes of a request. */
export type Fault =
  /** It is passed on so many milliseconds later. */
  | { readonly do: 'delay'; readonly ms: number }
  /** It is never answered; it ends with its connection. */
  | { readonly do: 'hold' }
  /** It is answered in place of the API server. */
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | object;
    }
  /** It is passed on, and the connection is reset after so many bytes of the answer's body. */
  | { readonly do: 'cut'; readonly afterBytes: number }
  /** The connection is reset; the API server never hears of it. */
  | { readonly do: 'drop' }
  /** The API server does it, but its answer is thrown away and the connection reset. */
  | { readonly do: 'lose' }
  /** It is passed on; after so many bytes of the answer's body nothing more comes, though the connection stays open. */
  | { readonly do: 'mute'; readonly afterBytes: number }
  /** It is passed on, and `edit` says what becomes of each line of the answer's body: the events of a watch. */
  | { readonly do: 'edit'; readonly edit: (line: string) => readonly string[] };

export interface FaultRule {
  readonly method?: string;
  /** Against path and query, as sent. */
  readonly path?: RegExp;
  /** So many requests pass unharmed first. */
  readonly after?: number;
  /** How many requests suffer it; all where unset. */
  readonly times?: number;
  readonly fault: Fault;
}

/** One request that arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** The fault it suffered. */
  readonly fault: Fault['do'] | undefined;
  /** Milliseconds, for differences only. */
  readonly at: number;
  /** Whether the API server has answered it by now, be the answer passed on or not. */
  answered: boolean;
}

/** The rules in force: of those that fit a request the first counts. */
export class FaultRules {
  readonly #rules: { readonly rule: FaultRule; seen: number }[] = [];

  /** Returns what takes the rule away again. */
  add(rule: FaultRule): () => void {
    const entry = { rule, seen: 0 };
    this.#rules.push(entry);
    return () => {
      const index = this.#rules.indexOf(entry);
      if (index !== -1) this.#rules.splice(index, 1);
    };
  }

  clear(): void {
    this.#rules.length = 0;
  }

  /** The fault for a request, which counts as seen. */
  take(method: string, url: string): Fault | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (rule.method !== undefined && rule.method !== method) continue;
      if (rule.path !== undefined && !rule.path.test(url)) continue;
      entry.seen += 1;
      const { after = 0, times = Infinity, fault } = rule;
      if (entry.seen > after && entry.seen <= after + times) return fault;
    }
    return undefined;
  }
}

/**
 * A plain HTTP proxy before a real API server. Requests without credentials are passed on as the admin's; those that
 * bring a token keep it.
 */
export class FaultServer {
  readonly rules = new FaultRules();
  /** All that arrived, in order. */
  readonly requests: SeenRequest[] = [];
  readonly #cluster: Cluster;
  readonly #asAdmin: Agent;
  readonly #asBearer: Agent;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Socket>();
  #server: Server;
  #identity: Identity | undefined;
  #port = 0;
  #opened = 0;
  #peak = 0;

  static async start(cluster: Cluster): Promise<FaultServer> {
    const server = new FaultServer(cluster, await adminIdentity(cluster));
    await server.acceptConnections();
    return server;
  }

  private constructor(cluster: Cluster, { ca, cert, key }: AdminIdentity) {
    this.#cluster = cluster;
    this.#asAdmin = new Agent({ keepAlive: true, ca, cert, key });
    this.#asBearer = new Agent({ keepAlive: true, ca });
    this.#server = this.#newServer();
  }

  get url(): string {
    return `${this.#identity === undefined ? 'http' : 'https'}://127.0.0.1:${this.#port}`;
  }

  /** Connections that clients made: in all, and at most at one time. */
  get connections(): { readonly opened: number; readonly peak: number; readonly open: number } {
    return { opened: this.#opened, peak: this.#peak, open: this.#sockets.size };
  }

  /** Writes a kubeconfig that leads here, with a token or an authority's file where one is given, and returns its path. */
  async kubeconfig(
    path: string,
    { token, authority }: { readonly token?: string; readonly authority?: string } = {},
  ): Promise<string> {
    const name = 'faults';
    const text = stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name,
          cluster: {
            server: this.url,
            ...(authority === undefined ? {} : { 'certificate-authority': authority }),
          },
        },
      ],
      users: [{ name, user: token === undefined ? {} : { token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
      'current-context': name,
    });
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  /** Speaks TLS from now on and shows this certificate. Every connection is cut, as by a server that starts anew. */
  async showCertificate(identity: Identity): Promise<void> {
    await this.refuseConnections();
    this.#identity = identity;
    await this.acceptConnections();
  }

  /** Cuts every connection and refuses new ones, as if no API server ran. */
  async refuseConnections(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  /** Listens, at the same address as before. */
  async acceptConnections(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#newServer();
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Resets the connection of every watch that is open. */
  cutWatches(): void {
    for (const socket of this.#watches) socket.resetAndDestroy();
  }

  /** Watches that are open. */
  get watches(): number {
    return this.#watches.size;
  }

  async stop(): Promise<void> {
    await this.refuseConnections();
    this.#asAdmin.destroy();
    this.#asBearer.destroy();
  }

  #newServer(): Server {
    const listener = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#serve(request, response);
    const identity = this.#identity;
    const server: Server =
      identity === undefined
        ? createServer(listener)
        : createTlsServer({ cert: identity.certificate, key: identity.key }, listener);
    // A watch may be silent for long.
    server.requestTimeout = 0;
    server.on('connection', (socket) => {
      this.#opened += 1;
      this.#sockets.add(socket);
      this.#peak = Math.max(this.#peak, this.#sockets.size);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    return server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const fault = this.rules.take(method, url);
    const seen = { method, url, headers, fault: fault?.do, at: performance.now(), answered: false };
    this.requests.push(seen);
    switch (fault?.do) {
      case 'hold':
        request.resume();
        return;
      case 'drop':
        request.socket.resetAndDestroy();
        return;
      case 'answer': {
        request.resume();
        const { status, headers: extra = {}, body = '' } = fault;
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        response.writeHead(status, { 'content-type': 'application/json', ...extra }).end(text);
        return;
      }
      case 'delay':
        await delay(fault.ms);
        break;
      case 'cut':
      case 'lose':
      case 'mute':
      case 'edit':
      case undefined:
        break;
    }
    this.#forward(request, response, fault, seen);
  }

  #forward(
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
    seen: SeenRequest,
  ): void {
    const { method, url = '/', headers } = request;
    const { host: _, connection: __, ...kept } = headers;
    const agent = headers.authorization === undefined ? this.#asAdmin : this.#asBearer;
    if (/[?&]watch=true/.test(url)) {
      const { socket } = request;
      this.#watches.add(socket);
      response.once('close', () => this.#watches.delete(socket));
    }
    const onward = httpsRequest(new URL(url, this.#cluster.server), { method, agent, headers: kept });
    const cutOff = (): void => {
      request.socket.resetAndDestroy();
      onward.destroy();
    };
    onward.on('error', () => request.socket.resetAndDestroy());
    response.once('close', () => onward.destroy());
    onward.on('response', (answer) => {
      seen.answered = true;
      if (fault?.do === 'lose') {
        answer.resume().once('end', cutOff);
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      if (fault?.do === 'edit') {
        createInterface(answer)
          .on('error', () => response.destroy())
          .on('line', (line) =>
            response.write(
              fault
                .edit(line)
                .map((edited) => `${edited}\n`)
                .join(''),
            ),
          )
          .once('close', () => response.end());
        return;
      }
      if (fault?.do === 'mute') {
        let still = fault.afterBytes;
        answer.on('data', (chunk: Buffer) => {
          if (still > 0) response.write(chunk.subarray(0, still));
          still -= chunk.length;
        });
        return;
      }
      if (fault?.do !== 'cut') {
        answer.pipe(response);
        return;
      }
      let left = fault.afterBytes;
      answer.on('data', (chunk: Buffer) => {
        if (left < 0) return;
        const part = chunk.subarray(0, left);
        left -= chunk.length;
        if (left >= 0) response.write(part);
        else response.write(part, cutOff);
      });
      answer.on('end', () => response.end());
    });
    request.pipe(onward);
  }
}

/** Starts a proxy whose faults the test decides. To be stopped by whoever starts it. */
export async function startFaultServer(cluster: Cluster): Promise<FaultServer> {
  return await FaultServer.start(cluster);
}

interface AdminIdentity {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function adminIdentity(cluster: Cluster): Promise<AdminIdentity> {
  const config = parse(await readFile(cluster.kubeconfig(), 'utf8')) as {
    readonly clusters: readonly { readonly cluster: Record<string, string> }[];
    readonly users: readonly { readonly user: Record<string, string> }[];
  };
  const [{ cluster: server }, { user }] = [config.clusters[0]!, config.users[0]!];
  const decoded = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
  return {
    ca: decoded(server['certificate-authority-data']),
    cert: decoded(user['client-certificate-data']),
    key: decoded(user['client-key-data']),
  };
}
