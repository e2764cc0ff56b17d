import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** What becomes of a request instead of being passed on. */
export type Trouble =
  | {
      readonly answer: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Whether the server has carried it out all the same. */
      readonly isDone?: boolean;
    }
  /** The connection ends without an answer. */
  | { readonly cut: true }
  /** Nothing comes, and the connection stays. */
  | { readonly silent: true };

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Of the answer; undefined where none came. */
  status: number | undefined;
}

export interface FaultProxy {
  readonly url: string;
  /** All that came, in order. */
  readonly requests: ProxiedRequest[];
  /** Looks at each request; what it returns is made. */
  trouble: (request: ProxiedRequest) => Trouble | undefined;
  /** What the server is asked for instead: path and query. */
  rewrite: (url: string) => string;
  /** Stand in its answers in place of the server's own. */
  headers: Readonly<Record<string, string>>;
}

/** A proxy before a real server, which can make trouble. It goes with the test that asks. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const proxy: { -readonly [Key in keyof FaultProxy]: FaultProxy[Key] } = {
    url: '',
    requests,
    trouble: () => undefined,
    rewrite: (url) => url,
    headers: {},
  };
  const server = createServer((incoming, response) => {
    const record: ProxiedRequest = { method: incoming.method!, url: incoming.url!, status: undefined };
    requests.push(record);
    serve(incoming, response, record).catch((error: unknown) => response.destroy(error as Error));
  });

  async function serve(
    incoming: IncomingMessage,
    response: ServerResponse,
    record: ProxiedRequest,
  ): Promise<void> {
    const trouble = proxy.trouble(record);
    const body = await buffer(incoming);
    if (trouble === undefined || ('answer' in trouble && trouble.isDone === true)) {
      const answer = await passOn(incoming, body);
      if (trouble === undefined) {
        record.status = answer.status;
        response.writeHead(answer.status, { ...answer.headers, ...proxy.headers }).end(answer.body);
        return;
      }
    }
    if (trouble === undefined || 'silent' in trouble) return;
    if ('cut' in trouble) {
      incoming.socket.destroy();
      return;
    }
    record.status = trouble.answer;
    const headers = { 'content-type': 'application/json', ...trouble.headers };
    response.writeHead(trouble.answer, headers).end(trouble.body ?? '{}');
  }

  async function passOn({ method, url, headers }: IncomingMessage, body: Buffer) {
    const outgoing = send(new URL(proxy.rewrite(url!), target), { method, headers, agent: false });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: answer.statusCode!, headers: answer.headers, body: await buffer(answer) };
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
