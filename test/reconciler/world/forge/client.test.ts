import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createRawServer, type AddressInfo, type Server } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import * as z from 'zod';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConfigError } from '../../../../reconciler/config/config-error.ts';
import { ForgeError } from '../../../../reconciler/world/forge/errors.ts';
import { openForgeClient } from '../../../../reconciler/world/forge/client.ts';
import type { ForgeClientOptions } from '../../../../reconciler/world/forge/client-options.ts';
import { until } from '../../../cluster/until.ts';

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serving(answer: RequestListener): Promise<string> {
  return await listening(createServer(answer));
}

/** A server that answers each request with these bytes. */
async function saying(answer: string): Promise<string> {
  return await listening(
    createRawServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(answer));
    }),
  );
}

async function clientAt(api: string, options: Partial<ForgeClientOptions> = {}) {
  const credentials = () => Promise.resolve({ token: 't0k3n' });
  const client = await openForgeClient({
    forge: 'Gitea',
    api,
    userAgent: 'test',
    retryMs: 1,
    credentials,
    ...options,
  });
  onTestFinished(() => client[Symbol.asyncDispose]());
  return client;
}

async function failureOf(work: Promise<unknown>): Promise<ForgeError> {
  const error: unknown = await work.catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ForgeError);
  return error as ForgeError;
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('a request to a forge', () => {
  it.each([
    ['of two lines', 'OUR-SECRET\nOUR-SECRET'],
    ['with a character that no header has', 'OUR-SECRET\u200b'],
  ])('with a token %s fails as any other, and says nothing of it', async (_, token) => {
    const client = await clientAt('http://127.0.0.1:9', { credentials: () => Promise.resolve({ token }) });

    const error = await failureOf(client.request('GET /user'));

    expect(error.code).toBe('FORGE_UNREACHABLE');
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('OUR-SECRET');
  });

  it('whose credentials cannot be read says which and why', async () => {
    const credentials = () => Promise.reject(new ConfigError('/token cannot be read.', { hint: 'Look.' }));
    const client = await clientAt('http://127.0.0.1:9', { credentials });

    expect(await failureOf(client.request('GET /user'))).toMatchObject({
      code: 'FORGE_UNAUTHORIZED',
      message: '/token cannot be read.',
      hint: 'Look.',
    });
  });

  it.each([
    ['a status that HTTP has not', 'HTTP/1.1 999 No\r\ncontent-length: 0\r\n\r\n'],
    ['one of 600', 'HTTP/1.1 600 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}'],
    ['a redirect that is none', 'HTTP/1.1 300 No\r\ncontent-length: 0\r\n\r\n'],
    ['a page', 'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>'],
    ['something that has no type', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK'],
  ])('that is answered by %s has not been done', async (_, answer) => {
    const client = await clientAt(await saying(answer));

    expect(await failureOf(client.request('POST /repos/o/r/statuses/1'))).toMatchObject({
      code: 'FORGE_ANSWER',
    });
  });

  it('that is answered by nothing has been done', async () => {
    const client = await clientAt(await saying('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));

    expect(await client.request('POST /a')).toMatchObject({ status: 200 });
  });

  it('is sent anew with the new token, however many are refused at once, and leaves nothing behind', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const waiting: (() => void)[] = [];
    const api = await serving((request, response) => {
      const isNew = request.headers.authorization === 'token new';
      const end = () => response.writeHead(isNew ? 200 : 401, JSON_TYPE).end('{}');
      if (isNew) return void end();
      waiting.push(end);
      if (waiting.length === 4) waiting.forEach((each) => each());
      return undefined;
    });
    let token = 'old';
    const reading: (() => void)[] = [];
    const credentials = async () => {
      const read = { token };
      // Each of them reads the file before any of them goes on.
      if (token === 'new') await new Promise<void>((resolve) => reading.push(resolve));
      return read;
    };
    const client = await clientAt(api, { credentials });
    await client.credentials();
    token = 'new';

    const all = [1, 2, 3, 4].map((number) => client.request(`GET /${number}`));
    const isOver = Promise.all(all).then(
      () => true,
      () => true,
    );
    let over = false;
    void isOver.then(() => (over = true));
    await until('all are answered', async () => {
      reading.splice(0).forEach((go) => go());
      await turn();
      return over;
    });

    expect((await Promise.all(all)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await turn();
    expect(unhandled).toEqual([]);
  });
});

describe('texts of strangers', () => {
  const Told = z.array(z.object({ body: z.string(), id: z.number() }));
  const MIB = 1024 * 1024;

  it('are cut where they are so long that the answer could not be read, and nothing else of it is', async () => {
    const marked = `<!-- weka-gitops abc -->\n${'é\\"\n'.repeat(20_000)}`;
    const all = [
      { body: `x"\\${'y'.repeat(17 * MIB)}`, id: 1 },
      { body: 'short "\\ \u2028', id: 2 },
      { body: marked, id: 3 },
      { body: '\u{1f600}'.repeat(MIB), id: 4 },
    ];
    const api = await serving(
      (_, response) => void response.writeHead(200, JSON_TYPE).end(JSON.stringify(all)),
    );
    const client = await clientAt(api);

    const told = await client.ask(Told, 'GET /list', {}, { hasTexts: true });

    expect(told.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(told[0]?.body).toMatch(/^x"\\y{1000,20000}$/);
    expect(told[1]?.body).toBe(all[1]?.body);
    expect(told[2]?.body).toBe(marked);
    expect(told[3]?.body).toMatch(/^\u{1f600}{1000,20000}$/u);
    expect(await failureOf(client.ask(Told, 'GET /list'))).toMatchObject({
      code: 'FORGE_ANSWER',
      isTooLarge: true,
    });
  });

  it('are as they are where the answer can be read', async () => {
    const body = 'z'.repeat(MIB);
    const api = await serving(
      (_, response) => void response.writeHead(200, JSON_TYPE).end(JSON.stringify([{ body, id: 1 }])),
    );

    expect((await (await clientAt(api)).ask(Told, 'GET /list', {}, { hasTexts: true }))[0]?.body).toBe(body);
  });

  it('end a request that never ends', async () => {
    const api = await serving((_, response) => {
      response.writeHead(200, JSON_TYPE).write('["');
      const more = () =>
        void (
          response.destroyed ||
          (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more))
        );
      more();
    });
    const client = await clientAt(api, { limits: { answerBytes: MIB } });

    expect(await failureOf(client.ask(Told, 'GET /list', {}, { hasTexts: true }))).toMatchObject({
      isTooLarge: true,
    });
  });
});
