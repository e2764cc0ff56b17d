import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, createServer as createTlsServer, request as httpsRequest } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Identity } from '../cluster/certificates.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type Fault, FaultRules } from './fault-rules.ts';

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

/** A watch that the API server has begun to answer. */
export interface OpenWatch {
  readonly url: string;
  /** What it was asked for with. */
  readonly query: URLSearchParams;
  /** Whether all is passed on that the API server tells. */
  readonly isWhole: boolean;
  /** Lines sent to the client, those of `tell` included. */
  readonly lines: number;
  readonly isEnded: boolean;
  /** The newest version that was told of an object, by its uid; Infinity where it is gone. */
  readonly told: ReadonlyMap<string, number>;
  /** Sends a line of its body, as the API server would. */
  tell(event: object): void;
  /** Ends it in order, as the API server does when its time is up. */
  end(): void;
}

/** A plain HTTP proxy before a real API server. Whoever brings no token is nobody to it: what is passed on has no rights of its own. */
export class FaultServer {
  readonly rules = new FaultRules();
  /** All that arrived, in order. */
  readonly requests: SeenRequest[] = [];
  readonly #cluster: Cluster;
  readonly #agent: Agent;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<Socket>();
  readonly #openWatches = new Set<OpenWatch>();
  #server: Server;
  #identity: Identity | undefined;
  #port = 0;
  #opened = 0;
  #peak = 0;

  static async start(cluster: Cluster): Promise<FaultServer> {
    const server = new FaultServer(cluster);
    await server.acceptConnections();
    return server;
  }

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#agent = new Agent({ keepAlive: true, ca: cluster.authority });
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

  get openWatches(): readonly OpenWatch[] {
    return [...this.#openWatches];
  }

  async stop(): Promise<void> {
    await this.refuseConnections();
    this.#agent.destroy();
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
      case 'late':
        await this.#sendLate(request, fault.until, seen);
        return;
      case 'delay':
        await delay(fault.ms);
        break;
      case 'wait':
        await fault.until;
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

  async #sendLate(request: IncomingMessage, until: Promise<void>, seen: SeenRequest): Promise<void> {
    const { method, url = '/', headers } = request;
    const { host: _, connection: __, ...kept } = headers;
    const body = await buffer(request);
    await until;
    const agent = this.#agent;
    const onward = httpsRequest(new URL(url, this.#cluster.server), { method, agent, headers: kept });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    seen.answered = true;
    answer.resume();
    request.socket.destroy();
  }

  #noteWatch(url: string, response: ServerResponse, fault: Fault | undefined): ProxiedWatch {
    const watch = new ProxiedWatch(url, response, fault);
    this.#openWatches.add(watch);
    response.once('close', () => this.#openWatches.delete(watch));
    return watch;
  }

  #forward(
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
    seen: SeenRequest,
  ): void {
    const { method, url = '/', headers } = request;
    const { host: _, connection: __, ...kept } = headers;
    const agent = this.#agent;
    if (isWatch(url)) {
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
      const watch =
        isWatch(url) && answer.statusCode === 200 ? this.#noteWatch(url, response, fault) : undefined;
      if (fault?.do === 'edit' || (watch?.isWhole ?? false)) {
        const edit = fault?.do === 'edit' ? fault.edit : (line: string) => [line];
        // Line by line, so that nothing is told in the midst of one.
        createInterface(answer)
          .on('error', () => response.destroy())
          .on('line', (line) => {
            const lines = edit(line);
            if (watch !== undefined) for (const each of lines) watch.pass(each);
            else if (!response.writableEnded) response.write(lines.map((each) => `${each}\n`).join(''));
          })
          .once('close', () => response.end());
        return;
      }
      if (fault?.do === 'mute') {
        let still = fault.afterBytes;
        answer.on('data', (chunk: Buffer) => {
          if (still > 0 && !response.writableEnded) response.write(chunk.subarray(0, still));
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
        if (left < 0 || response.writableEnded) return;
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

class ProxiedWatch implements OpenWatch {
  readonly url: string;
  readonly query: URLSearchParams;
  readonly isWhole: boolean;
  readonly told = new Map<string, number>();
  readonly #response: ServerResponse;
  #lines = 0;

  constructor(url: string, response: ServerResponse, fault: Fault | undefined) {
    this.url = url;
    this.query = new URL(url, 'http://any').searchParams;
    this.#response = response;
    this.isWhole = fault === undefined || fault.do === 'delay' || fault.do === 'wait';
  }

  get lines(): number {
    return this.#lines;
  }

  get isEnded(): boolean {
    return this.#response.writableEnded;
  }

  tell(event: object): void {
    this.#send(JSON.stringify(event));
  }

  end(): void {
    this.#response.end();
  }

  /** Sends a line of the API server's. */
  pass(line: string): void {
    this.#send(line);
    if (!this.isWhole) return;
    const { type, object } = JSON.parse(line) as {
      readonly type: string;
      readonly object: { readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string } };
    };
    const { uid, resourceVersion } = object.metadata ?? {};
    if (uid !== undefined) this.told.set(uid, type === 'DELETED' ? Infinity : Number(resourceVersion));
  }

  #send(line: string): void {
    if (this.isEnded) return;
    this.#lines += 1;
    this.#response.write(`${line}\n`);
  }
}

function isWatch(url: string): boolean {
  return /[?&]watch=true/.test(url);
}

/** Starts a proxy whose faults the test decides. To be stopped by whoever starts it. */
export async function startFaultServer(cluster: Cluster): Promise<FaultServer> {
  return await FaultServer.start(cluster);
}
