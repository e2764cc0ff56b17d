import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Notification } from '../../../../schemas/output/notification.ts';
import { NotifyError } from '../../../../reconciler/world/notify/errors.ts';
import { HttpReceiver, type HttpReceiverOptions } from '../../../../reconciler/world/notify/http-receiver.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { until } from '../../../cluster/until.ts';

const NOTIFICATION: Notification = {
  apiVersion: 'weka-gitops.dev/v1',
  kind: 'Notification',
  id: '0123456789abcdef0123456789abcdef',
  at: '2026-11-25T18:04:12.000Z',
  cluster: 'production',
  ref: 'main',
  commit: '1'.repeat(40),
  state: 'failed',
  recovered: false,
  summary: 'production at main@1111111 has failed: 1 failed',
  obstacles: [],
  more: 0,
  approvals: [],
};
const NOW = new Date('2026-11-25T18:05:00Z');
const PATH = '/hooks/T0KEN-in-the-path';

interface Sent {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Listening {
  readonly url: string;
  readonly sent: Sent[];
}

/** A server that notes what it is sent. */
async function listen(
  answer: RequestListener = (_request, response) => void response.end('ok'),
): Promise<Listening> {
  const sent: Sent[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      sent.push({ path: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent };
}

const status = (code: number, headers: Readonly<Record<string, string>> = {}): RequestListener => {
  return (_request, response) => void response.writeHead(code, headers).end('what it says');
};

async function aReceiver(
  address: string,
  { secret, ...options }: Partial<HttpReceiverOptions> & { readonly secret?: string } = {},
): Promise<HttpReceiver & { readonly urlFile: string }> {
  const folder = await scratchFolder();
  const urlFile = join(folder, 'url');
  await writeFile(urlFile, `${address}\n`);
  if (secret !== undefined) await writeFile(join(folder, 'secret'), `${secret}\n`);
  const receiver = new HttpReceiver({
    kind: 'webhook',
    name: 'notifications[0]',
    on: ['failed'],
    urlFile,
    secretFile: secret === undefined ? undefined : join(folder, 'secret'),
    userAgent: 'weka-gitops/test',
    now: () => NOW,
    ...options,
  });
  onTestFinished(() => receiver.close());
  return Object.assign(receiver, { urlFile });
}

/** How sending fails. */
async function failure(receiver: HttpReceiver): Promise<NotifyError> {
  const error: unknown = await receiver.send(NOTIFICATION).catch((thrown: unknown) => thrown);
  if (!(error instanceof NotifyError)) throw new Error('It was taken.', { cause: error });
  return error;
}

describe('a receiver of the kind webhook', () => {
  it.each<[string, RequestListener]>([
    ['stalls', (_request, response) => void response.writeHead(200).write('o')],
    ['is cut', (_request, response) => void response.writeHead(200).write('o', () => response.destroy())],
    ['is long', (_request, response) => void response.writeHead(200).end(Buffer.alloc(200_000))],
    [
      'is unannounced and long',
      (_request, response) => {
        response.writeHead(200).write(Buffer.alloc(100_000));
        response.end(Buffer.alloc(100_000));
      },
    ],
  ])('has taken what it answers with a success, though its answer %s', async (_, answer) => {
    const server = await listen(answer);
    const receiver = await aReceiver(`${server.url}${PATH}`, { withinMs: 500 });

    await receiver.send(NOTIFICATION);
    await receiver.send(NOTIFICATION);

    expect(server.sent).toHaveLength(2);
  });

  it('is judged by its status, though its answer stalls', async () => {
    const server = await listen((_request, response) => void response.writeHead(410).write('o'));
    const receiver = await aReceiver(`${server.url}${PATH}`, { withinMs: 500 });

    expect(await failure(receiver)).toMatchObject({ code: 'NOTIFY_REJECTED' });
  });

  it('is sent JSON as described, signed together with the time', async () => {
    const server = await listen();
    const receiver = await aReceiver(`${server.url}${PATH}`, { secret: 'quiet' });
    await receiver.send(NOTIFICATION);
    const [sent] = server.sent;
    expect(Notification.parse(JSON.parse(sent!.body))).toEqual(NOTIFICATION);
    const timestamp = `${NOW.getTime() / 1000}`;
    const digits = createHmac('sha256', 'quiet').update(`${timestamp}.${sent!.body}`).digest('hex');
    expect(sent).toMatchObject({
      path: PATH,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'weka-gitops/test',
        'x-weka-gitops-timestamp': timestamp,
        'x-weka-gitops-signature': `sha256=${digits}`,
      },
    });
  });

  it('is sent no signature where there is no secret', async () => {
    const server = await listen();
    await (await aReceiver(server.url)).send(NOTIFICATION);
    expect(server.sent[0]?.headers).not.toHaveProperty('x-weka-gitops-signature');
  });

  it('is the one whose address the file has now', async () => {
    const [one, two] = [await listen(), await listen()];
    const receiver = await aReceiver(one.url);
    await receiver.send(NOTIFICATION);
    await writeFile(receiver.urlFile, two.url);
    await receiver.send(NOTIFICATION);
    expect([one.sent.length, two.sent.length]).toEqual([1, 1]);
  });
});

describe('a receiver of the kind slack', () => {
  it('is sent what Slack takes', async () => {
    const server = await listen();
    await (await aReceiver(server.url, { kind: 'slack' })).send(NOTIFICATION);
    expect(JSON.parse(server.sent[0]!.body)).toMatchObject({
      text: expect.stringContaining('production') as string,
      blocks: [{ type: 'header' }, { type: 'section' }, { type: 'context' }],
    });
  });
});

describe('a receiver that takes nothing', () => {
  it.each([
    [400, 'NOTIFY_REJECTED', true],
    [403, 'NOTIFY_REJECTED', false],
    [404, 'NOTIFY_REJECTED', false],
    [408, 'NOTIFY_UNREACHABLE', false],
    [500, 'NOTIFY_UNREACHABLE', false],
  ] as const)('by status %i fails with %s', async (code, expected, isMessage) => {
    const server = await listen(status(code));
    const error = await failure(await aReceiver(`${server.url}${PATH}`));
    expect([error.code, error.isMessage]).toEqual([expected, isMessage]);
    expect(error.message).toBe(`notifications[0] answers with status ${code}.`);
  });

  it('for a while is left alone for as long as it asks', async () => {
    const server = await listen(status(429, { 'retry-after': '90' }));
    expect((await failure(await aReceiver(server.url))).retryAfterMs).toBe(90_000);
  });

  it('is not followed to where it points', async () => {
    const other = await listen();
    const server = await listen(status(307, { location: other.url }));
    expect((await failure(await aReceiver(server.url))).code).toBe('NOTIFY_REJECTED');
    expect(other.sent).toEqual([]);
  });

  it('in time is given up', async () => {
    const server = await listen(() => undefined);
    const error = await failure(await aReceiver(server.url, { withinMs: 100 }));
    expect(error.message).toBe('notifications[0] cannot be reached: it did not answer within 0.1 s.');
  });

  it('but answers for ever is given up', async () => {
    const server = await listen((_request, response) => {
      const more = (): void =>
        void response.write('x'.repeat(65_536), () => response.destroyed || setImmediate(more));
      response.writeHead(200);
      more();
    });
    const receiver = await aReceiver(server.url, { withinMs: 5_000 });
    const started = performance.now();
    await receiver.send(NOTIFICATION).catch(() => undefined);
    expect(performance.now() - started).toBeLessThan(4_000);
  });

  it('is told apart from one that is not there, and its address is in no word of it', async () => {
    const receiver = await aReceiver(`http://127.0.0.1:1${PATH}`);
    const error = await failure(receiver);
    expect(error.message).toBe('notifications[0] cannot be reached: ECONNREFUSED.');
    expect(JSON.stringify([error, error.cause, error.stack])).not.toMatch(/T0KEN|127\.0\.0\.1/);
  });

  it.each(['', 'not an address', 'ftp://example.com/', 'file:///etc/passwd'])(
    'has no address where its file says %j',
    async (address) => {
      const receiver = await aReceiver(address);
      const error = await failure(receiver);
      expect(error.message).toBe(`${receiver.urlFile} holds no http:// or https:// address.`);
    },
  );

  it('has no address where its file is gone', async () => {
    const receiver = await aReceiver('http://127.0.0.1:1', { urlFile: '/nowhere/url' });
    expect((await failure(receiver)).code).toBe('NOTIFY_CONFIG');
  });

  it('is not waited for once the process ends, be that before or after it was sent', async () => {
    const reason = new Error('It ends.');
    const server = await listen(() => undefined);
    const receiver = await aReceiver(server.url, { withinMs: 600_000 });
    const early = new AbortController();
    const sending = receiver.send(NOTIFICATION, { signal: early.signal });
    early.abort(reason);
    await expect(sending).rejects.toBe(reason);
    const late = new AbortController();
    const sent = receiver.send(NOTIFICATION, { signal: late.signal });
    sent.catch(() => undefined);
    await until('it is sent', () => server.sent.length > 0);
    late.abort(reason);
    await expect(sent).rejects.toBe(reason);
  });
});
