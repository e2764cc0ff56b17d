import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sign } from '@octokit/webhooks-methods';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Hint } from '../../../../reconciler/world/forge/webhook-hint.ts';
import type { WebhookOptions } from '../../../../reconciler/world/forge/webhook.ts';
import { fixedSecret, secretsInFile } from '../../../../reconciler/world/forge/webhook-secrets.ts';
import { type RunningServer, startServer } from '../../../../reconciler/world/server/http-server.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { until } from '../../../cluster/until.ts';

const SECRET = 'It is a secret to everybody';
const MIB = 1024 * 1024;
const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Heard extends RunningServer {
  readonly hints: Hint[];
  readonly results: string[];
  readonly warnings: string[];
}

async function aServer(options: Partial<WebhookOptions> = {}): Promise<Heard> {
  const hints: Hint[] = [];
  const results: string[] = [];
  const warnings: string[] = [];
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    health: () => undefined,
    ready: () => [],
    metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('') },
    log: { ...QUIET, warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`) },
    webhook: {
      secrets: fixedSecret(SECRET),
      repository: 'acme/storage',
      hear: (hint) => hints.push(hint),
      observe: (result) => results.push(result),
      ...options,
    },
  });
  onTestFinished(() => server.close());
  return { ...server, hints, results, warnings };
}

const PUSH = { ref: 'refs/heads/main', repository: { full_name: 'acme/storage' } };

type Headers = Readonly<Record<string, string>>;

/** A delivery as GitHub sends it, signed by its own library. */
async function github(payload: object, headers: Headers = {}, secret = SECRET): Promise<Sent> {
  const body = JSON.stringify(payload);
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-hub-signature-256': await sign(secret, body),
      ...headers,
    },
  };
}

interface Sent {
  readonly body: string | Buffer;
  readonly headers: Headers;
}

interface Answered {
  readonly status: number;
  readonly body: string;
}

async function post(
  { port }: RunningServer,
  { body, headers }: Sent,
  method = 'POST',
  path = '/webhook',
): Promise<Answered> {
  const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** Sends text as it is, and returns all that comes back until the server closes the connection. */
async function raw({ port }: RunningServer, sent: string, more?: () => Buffer | undefined): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  // What could not be sent any more says nothing about what was answered.
  socket.on('error', () => {}).on('data', (chunk: Buffer) => (answer += chunk.toString()));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(sent);
  if (more !== undefined) {
    pump(
      () => socket.destroyed,
      (chunk) => socket.write(chunk),
      more,
    );
  }
  await closed;
  return answer;
}

function pump(isOver: () => boolean, write: (chunk: Buffer) => void, next: () => Buffer | undefined): void {
  const chunk = isOver() ? undefined : next();
  if (chunk === undefined) return;
  write(chunk);
  setImmediate(() => pump(isOver, write, next));
}

function head(headers: Headers): string {
  const lines = Object.entries({ host: 'a', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `POST /webhook HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

describe('a webhook', () => {
  it('is heard where it is signed as GitHub signs', async () => {
    const server = await aServer();
    expect(await post(server, await github(PUSH))).toEqual({ status: 202, body: 'It is looked at.\n' });
    expect(server.hints).toEqual([{ event: 'push', repository: 'acme/storage', ref: 'refs/heads/main' }]);
    expect(server.results).toEqual(['heard']);
  });

  it.each(['x-gitea-signature', 'x-forgejo-signature'])('is heard where it is signed by %s', async (name) => {
    const server = await aServer();
    const body = JSON.stringify(PUSH);
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'x-gitea-event': 'push',
      [name]: createHmac('sha256', SECRET).update(body).digest('hex'),
    };
    expect(await post(server, { body, headers })).toMatchObject({ status: 202 });
    expect(server.hints).toHaveLength(1);
  });

  it.each<[string, Headers]>([
    ['none', { 'x-hub-signature-256': '' }],
    ['no digits', { 'x-hub-signature-256': 'sha256=zz' }],
    ['the older kind', { 'x-hub-signature-256': '', 'x-hub-signature': `sha1=${'0'.repeat(40)}` }],
    ['another', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }],
    ['two', { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}, sha256=${'0'.repeat(64)}` }],
  ])('is refused unread where its signature is %s', async (_name, headers) => {
    const server = await aServer();
    expect(await post(server, await github(PUSH, headers))).toMatchObject({ status: 401 });
    expect([server.hints, server.results]).toEqual([[], ['unsigned']]);
  });

  it('is refused where another secret signed it, or a byte is another, and the log says so once', async () => {
    const server = await aServer();
    const { body, headers } = await github(PUSH);
    expect(await post(server, await github(PUSH, {}, 'guessed'))).toMatchObject({ status: 401 });
    expect(await post(server, { body: `${body.toString()} `, headers })).toMatchObject({ status: 401 });
    expect(server.hints).toEqual([]);
    expect(server.warnings).toEqual(['Refused a webhook {"why":"Its signature is not that of the secret"}']);
  });

  it('is verified over the bytes that were sent, whatever they are', async () => {
    const server = await aServer();
    const body = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const digits = createHmac('sha256', SECRET).update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${digits}` };
    // The signature is right, and the text none.
    expect(await post(server, { body, headers })).toMatchObject({ status: 400 });
  });

  it.each(['null', '[]', '[{"a":1}]', '"text"', '7', '{', '', '{"a":1}{}'])(
    'is no JSON object: %s',
    async (body) => {
      const server = await aServer();
      const { headers } = await github(PUSH, { 'x-hub-signature-256': await signed(body) });
      expect(await post(server, { body, headers })).toMatchObject({ status: 400 });
      expect(server.hints).toEqual([]);
    },
  );

  it.each<[string, object]>([
    ['another repository', { ...PUSH, repository: { full_name: 'acme/other' } }],
    ['no repository', { ref: 'refs/heads/main', repository: null }],
    ['a repository without a name', { repository: { full_name: ['acme/storage'] } }],
    ['itself', { zen: 'Keep it logically awesome.', hook: {} }],
  ])('is ignored where it is about %s', async (_name, payload) => {
    const server = await aServer();
    expect(await post(server, await github(payload))).toMatchObject({ status: 202 });
    expect([server.hints, server.results]).toEqual([[], ['ignored']]);
  });

  it('is heard whatever the case of the repository’s name is', async () => {
    const server = await aServer();
    await post(server, await github({ ...PUSH, repository: { full_name: 'Acme/Storage' } }));
    expect(server.hints).toHaveLength(1);
  });

  it('is heard once, though it comes again, by its id or under another one', async () => {
    const server = await aServer();
    const id = { 'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' };
    expect(await post(server, await github(PUSH, id))).toMatchObject({ status: 202 });
    expect(await post(server, await github({ ...PUSH, size: 1 }, id))).toMatchObject({ status: 202 });
    expect(await post(server, await github(PUSH, { 'x-github-delivery': 'new' }))).toMatchObject({
      status: 202,
    });
    expect(server.hints).toHaveLength(1);
    expect(server.results).toEqual(['heard', 'ignored', 'ignored']);
  });

  it('remembers nothing of what was not signed', async () => {
    const server = await aServer();
    const id = { 'x-github-delivery': 'one' };
    await post(server, await github(PUSH, id, 'guessed'));
    await post(server, await github(PUSH, id));
    expect(server.hints).toHaveLength(1);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/jsonp', ''])(
    'has to be JSON, and not %s',
    async (type) => {
      const server = await aServer();
      expect(await post(server, await github(PUSH, { 'content-type': type }))).toMatchObject({ status: 415 });
    },
  );

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    const { headers } = await github(PUSH);
    expect((await post(await aServer(), { body: '', headers }, method)).status).toBe(405);
  });
});

async function signed(body: string): Promise<string> {
  // The library signs no empty text.
  return body === ''
    ? `sha256=${createHmac('sha256', SECRET).update('').digest('hex')}`
    : await sign(SECRET, body);
}

describe('without a secret', () => {
  it('there is no webhook', async () => {
    const server = await aServer({ secrets: fixedSecret(' \n') });
    expect(await post(server, await github(PUSH, {}, 'any'))).toMatchObject({ status: 404 });
  });

  it('nothing that is signed with nothing is heard', async () => {
    const server = await aServer({ secrets: fixedSecret('') });
    const body = JSON.stringify(PUSH);
    const digits = createHmac('sha256', '').update(body).digest('hex');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${digits}` };
    expect(await post(server, { body, headers })).toMatchObject({ status: 404 });
    expect(server.hints).toEqual([]);
  });

  it('a server that has no webhook has no such page', async () => {
    const server = await startServer({
      host: '127.0.0.1',
      port: 0,
      health: () => undefined,
      ready: () => [],
      metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('') },
      log: QUIET,
    });
    onTestFinished(() => server.close());
    expect(await post(server, await github(PUSH))).toMatchObject({ status: 404 });
  });
});

describe('a secret that is replaced', () => {
  it('is the new one as soon as its file is, beside the old one while both stand there', async () => {
    const path = join(await scratchFolder(), 'secret');
    await writeFile(path, 'first\n');
    let now = 0;
    const server = await aServer({ secrets: secretsInFile(path, { log: QUIET, now: () => now }) });
    const status = async (secret: string, n: number) =>
      (await post(server, await github({ ...PUSH, n }, {}, secret))).status;
    expect(await status('first', 1)).toBe(202);

    await writeFile(path, 'second\nfirst\n');
    now += 1_000;
    expect([await status('first', 2), await status('second', 3)]).toEqual([202, 202]);

    await writeFile(path, 'second\n');
    now += 1_000;
    expect([await status('first', 4), await status('second', 5)]).toEqual([401, 202]);
  });

  it('goes on being used while its file is gone, and the log says so once', async () => {
    const path = join(await scratchFolder(), 'secret');
    const warnings: string[] = [];
    let now = 0;
    const log = { ...QUIET, warn: (_fields: object, message: string) => warnings.push(message) };
    const secrets = secretsInFile(path, { log, now: () => now });
    expect(await secrets()).toEqual([]);
    await writeFile(path, SECRET);
    now += 1_000;
    expect(await secrets()).toEqual([SECRET]);
    const gone = secretsInFile(join(path, 'nowhere'), { log, now: () => now });
    await gone();
    now += 1_000;
    await gone();
    expect(warnings).toEqual(Array(2).fill('Could not read the secret of the webhook'));
  });
});

describe('what is too much', () => {
  it('is 1 MiB and a byte, and a MiB is not', async () => {
    const server = await aServer();
    const fill = (size: number) => ({ ...PUSH, fill: 'x'.repeat(size) });
    const frame = JSON.stringify(fill(0)).length;
    expect(await post(server, await github(fill(MIB - frame)))).toMatchObject({ status: 202 });
    // Its length is told before it is sent.
    const { headers } = await github(fill(MIB - frame + 1));
    const told = await raw(server, head({ ...headers, 'content-length': `${MIB + 1}` }));
    expect(told).toMatch(/^HTTP\/1\.1 413 [^]*connection: close/i);
    expect(server.hints).toHaveLength(1);
  });

  it('is not read to its end where nobody says how much it is', async () => {
    const server = await aServer();
    const { headers } = await github(PUSH);
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    let sent = 0;
    const answer = await raw(server, head({ ...headers, 'transfer-encoding': 'chunked' }), () => {
      sent += chunk.length;
      return sent > 100 * MIB ? undefined : chunk;
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(50 * MIB);
  });

  it('is not even asked for where the sender asks before', async () => {
    const server = await aServer();
    const { headers, body } = await github(PUSH);
    const large = { ...headers, expect: '100-continue', 'content-length': `${100 * MIB}` };
    expect(await raw(server, head(large))).toMatch(/^HTTP\/1\.1 413 /);
    const small = { ...headers, expect: '100-continue', 'content-length': `${body.length}` };
    const sent = request({
      host: '127.0.0.1',
      port: server.port,
      path: '/webhook',
      method: 'POST',
      headers: small,
    });
    sent.once('continue', () => sent.end(body));
    sent.flushHeaders();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(202);
  });

  it('is a body that does not come', async () => {
    const server = await aServer();
    const { headers } = await github(PUSH);
    const answer = await raw(server, `${head({ ...headers, 'content-length': '100' })}{"a":`);
    expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*connection: close/i);
    expect(server.results).toEqual(['refused']);
  }, 20_000);

  it('is a hundred a second, and the probes do not feel it', async () => {
    const server = await aServer({ now: () => 0 });
    const sent = await Promise.all(Array.from({ length: 130 }, (_, n) => github({ ...PUSH, n })));
    const statuses: number[] = [];
    // One by one, so that none is turned away for its company.
    for (const each of sent) statuses.push((await post(server, each)).status);
    expect(statuses.slice(0, 100)).toEqual(Array(100).fill(202));
    expect(statuses.slice(100)).toEqual(Array(30).fill(429));
    expect((await post(server, { body: '', headers: {} }, 'GET', '/healthz')).status).toBe(200);
    expect(server.hints).toHaveLength(100);
  });

  it('is not used up by what is not signed, is signed otherwise, or was heard before', async () => {
    const server = await aServer({ now: () => 0 });
    const one = await github(PUSH);
    expect((await post(server, one)).status).toBe(202);
    const { body } = one;
    const forged = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${'a'.repeat(64)}` };
    for (let n = 0; n < 120; n++) {
      expect((await post(server, { body, headers: {} })).status).toBe(401);
      expect((await post(server, { body, headers: forged })).status).toBe(401);
      expect((await post(server, one)).status).toBe(202);
    }
    expect((await post(server, await github({ ...PUSH, n: 1 }))).status).toBe(202);
    expect(server.hints).toHaveLength(2);
  });

  it('is a hundred a second of large ones, whoever sends them', async () => {
    const server = await aServer({ now: () => 0 });
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${'a'.repeat(64)}` };
    const large = { body: Buffer.alloc(100_000), headers };
    for (let n = 0; n < 100; n++) expect((await post(server, large)).status).toBe(401);
    expect((await post(server, large)).status).toBe(429);
    expect((await post(server, await github(PUSH))).status).toBe(202);
  });

  it('are more bodies at once than are read: the slowest of them goes', async () => {
    const server = await aServer();
    const { headers } = await github(PUSH);
    const slow = `${head({ ...headers, 'content-length': '100' })}{"a":`;
    const answers = Array.from({ length: 16 }, () => raw(server, slow));
    const isOver = answers.map(() => false);
    answers.forEach((answer, at) => void answer.then(() => (isOver[at] = true)));

    let sent = 0;
    await until('one had to go', async () => {
      expect(await post(server, await github({ ...PUSH, n: sent++ }))).toMatchObject({ status: 202 });
      return isOver.includes(true);
    });

    expect(await answers[isOver.indexOf(true)]).toMatch(/^HTTP\/1\.1 408 [^]*connection: close/i);
    expect(isOver.filter((over) => !over).length).toBeGreaterThan(10);
    await server.close();
    await Promise.all(answers);
  });
});
