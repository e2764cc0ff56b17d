import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { until } from '../cluster/until.ts';

/** A request that was answered to its end. Times are milliseconds by the clock of this machine. */
export interface Recorded {
  /** Method and path, with the query. */
  readonly line: string;
  readonly status: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Passes requests on to a server, and remembers which there were and when: what a program asks for, seen from outside. */
export class RecordingProxy {
  readonly requests: Recorded[] = [];
  /** What the server is asked for instead: path and query. */
  rewrite: (url: string) => string = (url) => url;
  readonly #target: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #server = createServer((incoming, response) => {
    this.#serve(incoming, response).catch(() => response.destroy());
  });

  static async start(target: string): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(target);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(target: string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Waits for a request that begins after a time, by its method and path. */
  async request(line: RegExp, after: number): Promise<Recorded> {
    return await until(
      `${line} is asked for`,
      () => this.requests.find((each) => each.startedAt >= after && line.test(each.line)),
      { timeoutMs: 60_000, everyMs: 5 },
    );
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.#agent.destroy();
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = Date.now();
    const { method = '', url = '', headers } = incoming;
    const outgoing = send(new URL(this.rewrite(url), this.#target), { method, headers, agent: this.#agent });
    const [[answer]] = (await Promise.all([once(outgoing, 'response'), pipeline(incoming, outgoing)])) as [
      [IncomingMessage],
      void,
    ];
    const status = answer.statusCode ?? 0;
    response.writeHead(status, answer.headers);
    await pipeline(answer, response);
    this.requests.push({ line: `${method} ${url}`, status, startedAt, endedAt: Date.now() });
  }
}
