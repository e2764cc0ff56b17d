import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../../../../reconciler/world/server/http-server.ts';
import { until } from '../../../cluster/until.ts';
import { complaint } from '../kubeapi/fixture.ts';

interface Started extends RunningServer {
  readonly log: string[];
}

async function aServer(options: Partial<ServerOptions> = {}): Promise<Started> {
  const log: string[] = [];
  const quiet = () => {};
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    health: () => undefined,
    ready: () => [],
    metrics: { contentType: 'text/plain; version=0.0.4', metrics: () => Promise.resolve('a_total 1\n') },
    log: {
      debug: quiet,
      info: quiet,
      warn: quiet,
      error: (fields, message) => log.push(`${message} ${JSON.stringify(fields)}`),
    },
    ...options,
  });
  onTestFinished(() => server.close());
  return { ...server, log };
}

async function ask(
  { port }: RunningServer,
  path: string,
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const sent = request({ host: '127.0.0.1', port, path, method, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** Sends text as it is, and returns all that comes back until the server closes the connection. */
async function raw({ port }: RunningServer, sent: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(sent);
  return await text(socket);
}

/** Connections on which nothing is asked. */
async function opened({ port }: RunningServer, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  for (const socket of sockets) {
    socket.on('error', () => {});
    if (socket.connecting) await once(socket, 'connect');
  }
  return sockets;
}

describe('the server for probes and metrics', () => {
  it('says that it is well, and why not', async () => {
    const stalls: string[] = [];
    const server = await aServer({ health: () => stalls[0] });
    expect(await ask(server, '/healthz')).toMatchObject({ status: 200, body: 'ok\n' });

    stalls.push('The loop has not turned for 12 minutes');
    expect(await ask(server, '/healthz?verbose')).toMatchObject({
      status: 503,
      body: 'The loop has not turned for 12 minutes\n',
    });
  });

  it('says that it is ready, and what it waits for, one thing a line', async () => {
    const waits = ['the lease, which pod-b holds', 'the first\npass\u001b[2J'];
    const server = await aServer({ ready: () => waits });
    expect(await ask(server, '/readyz')).toMatchObject({
      status: 503,
      body: 'the lease, which pod-b holds\nthe first pass\\u{1b}[2J\n',
    });

    waits.length = 0;
    expect(await ask(server, '/readyz')).toMatchObject({ status: 200, body: 'ok\n' });
  });

  it('gives the metrics in the type that they say', async () => {
    const server = await aServer();
    const { status, headers, body } = await ask(server, '/metrics');
    expect([status, body]).toEqual([200, 'a_total 1\n']);
    expect(headers).toMatchObject({
      'content-type': 'text/plain; version=0.0.4',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('answers HEAD with all but the text', async () => {
    const server = await aServer();
    const { status, headers, body } = await ask(server, '/metrics', 'HEAD');
    expect([status, headers['content-length'], body]).toEqual([200, '10', '']);
  });

  it.each(['/', '/healthz/', '/metrics/..', '/constructor', '/%2e%2e/etc/passwd', '//healthz'])(
    'has nothing at %s',
    async (path) => {
      expect((await ask(await aServer(), path)).status).toBe(404);
    },
  );

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('takes no %s', async (method) => {
    expect(await ask(await aServer(), '/healthz', method)).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
  });

  it('fails in words of its own, and tells the log why', async () => {
    const server = await aServer({
      metrics: { contentType: 'text/plain', metrics: () => Promise.reject(new Error('a secret')) },
    });
    expect(await ask(server, '/metrics')).toMatchObject({
      status: 500,
      body: 'This failed; the log says why.\n',
    });
    expect(server.log).toEqual(['Could not answer a request {"path":"/metrics","why":"Error: a secret"}']);
  });

  it('refuses large headers, waits for no body, and drops what is no HTTP', async () => {
    const server = await aServer();
    const large = `GET /healthz HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(10_000)}\r\n\r\n`;
    expect(await raw(server, large)).toMatch(/^HTTP\/1\.1 431 /);
    const endless = 'GET /healthz HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nabc';
    expect(await raw(server, endless)).toMatch(/^HTTP\/1\.1 200 OK\r\n(.+\r\n)*connection: close\r\n/i);
    expect(await raw(server, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  it('does not let idle connections without number keep others out for good', async () => {
    const server = await aServer();
    const sockets = Array.from({ length: 80 }, () => connect(server.port, '127.0.0.1'));
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    const ended = sockets.map((socket) => {
      socket.on('error', () => {});
      return once(socket.resume(), 'close');
    });
    // Those beyond the limit go at once; the others when they have sent no request in time.
    await Promise.all(ended);
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  it.each([
    ['silent', ['127.0.0.1']],
    ['asking', ['127.0.0.1']],
    ['asking', ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5']],
  ])(
    'answers a probe while more connections than it has are held and opened anew: %s from %j',
    async (how, addresses) => {
      const secrets = () => Promise.resolve(['s']);
      const server = await aServer({ webhook: { secrets, repository: 'a/b', hear: () => {} } });
      const program = new URL('crowd.ts', import.meta.url).pathname;
      const crowd = spawn(process.execPath, [program, `${server.port}`, '700', how, ...addresses], {
        stdio: 'pipe',
      });
      onTestFinished(async () => {
        crowd.stdin.end();
        await once(crowd, 'exit');
      });
      await once(crowd.stdout, 'data');

      for (let probe = 0; probe < 20; probe++) expect((await ask(server, '/healthz')).status).toBe(200);
    },
  );

  it('lets a connection go that nobody has used for the longest time, and none that is answered', async () => {
    let release = (): void => {};
    const metrics = () => new Promise<string>((resolve) => (release = () => resolve('late 1\n')));
    const server = await aServer({ metrics: { contentType: 'text/plain', metrics } });
    const late = ask(server, '/metrics');
    const sockets = await opened(server, 64);
    const first = once(sockets[0]!, 'close');

    const [last] = await opened(server, 1);
    await first;

    expect(sockets.slice(2).every((socket) => !socket.destroyed)).toBe(true);
    last!.end('GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(await text(last!)).toMatch(/^HTTP\/1\.1 200 /);
    release();
    expect((await late).body).toBe('late 1\n');
  });

  it('closes within a second although a connection idles and an answer never ends', async () => {
    let asked = false;
    const never = () => {
      asked = true;
      return new Promise<string>(() => {});
    };
    const server = await aServer({ metrics: { contentType: 'text/plain', metrics: never } });
    const idle = connect(server.port, '127.0.0.1');
    idle.on('error', () => {});
    await once(idle, 'connect');
    const hanging = ask(server, '/metrics').catch(() => 'cut');
    await until('it is asked', () => asked);

    const start = performance.now();
    await server.close();
    expect(performance.now() - start).toBeLessThan(1000);
    expect(await hanging).toBe('cut');
    await expect(ask(server, '/healthz')).rejects.toThrow('ECONNREFUSED');
    await server.close();
  });

  it('says who is in the way when its port is taken', async () => {
    const { port } = await aServer();
    expect(await complaint(() => aServer({ port }))).toBe(
      `LISTEN: Health and metrics cannot be served at 127.0.0.1, port ${port}: something else listens there.\n` +
        '  hint: Choose another address for them in the configuration.',
    );
  });
});
