import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { modulesFile } from '../../../../schemas/drivers/package.ts';
import { HttpRegistry } from '../../../../reconciler/world/drivers/http-registry.ts';

const TARGET = { version: '4.4.5.118-k8s.3', kernel: '6.8.0-45-generic', architecture: 'x86_64' };
const FILE = modulesFile(TARGET);
const PATH = `/dist/v1/drivers/${FILE}`;
const SHA256 = 'ab'.repeat(32);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A registry that answers as `handler` does, and what is asked of it. */
async function aRegistry(handler: Handler) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    handler(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  const { port } = server.address() as { port: number };
  let now = 0;
  const time = { now: () => now, sleep: () => Promise.resolve() };
  const registry = new HttpRegistry({ userAgent: 'test', time, proxyEnv: {}, withinMs: 300 });
  closing.push(() => registry[Symbol.asyncDispose]());
  const url = `http://127.0.0.1:${port}`;
  const ask = async () =>
    (await registry.ask([{ key: 'one', registry: `${url}/`, target: TARGET }])).get('one');
  return { ask, asked, url, later: (ms: number) => (now += ms) };
}

/** Serves one package. */
const serving: Handler = ({ url, method }, response) => {
  if (url === `${PATH}.sha256`) response.end(`${SHA256.toUpperCase()}  ${FILE}\n`);
  else if (url === PATH && method === 'HEAD') response.setHeader('content-length', 1234).end();
  else response.writeHead(404).end();
};

describe('a registry of driver packages', () => {
  it('tells the digest and the size of what it has, and is not asked again for an hour', async () => {
    const { ask, asked, url, later } = await aRegistry(serving);
    const answer = {
      state: 'has',
      url: `${url}${PATH}`,
      package: { ...TARGET, file: FILE, sha256: SHA256, bytes: 1234, layout: 'modules' },
    };
    expect(await ask()).toEqual(answer);
    later(59 * 60_000);
    expect(await ask()).toEqual(answer);
    expect(asked).toEqual([`GET ${PATH}.sha256`, `HEAD ${PATH}`]);
    later(60_001);
    await ask();
    expect(asked).toHaveLength(4);
  });

  it('has not what it answers with 404 to, and may have it ten minutes later', async () => {
    const { ask, asked, later } = await aRegistry((_, response) => response.writeHead(404).end());
    expect(await ask()).toEqual({ state: 'has-not' });
    later(9 * 60_000);
    await ask();
    expect(asked).toHaveLength(1);
    later(60_001);
    await ask();
    expect(asked).toHaveLength(2);
  });

  it.each<[string, Handler, string]>([
    ['answers with an error', (_, response) => response.writeHead(503).end(), 'URL answers with status 503.'],
    [
      'gives something else',
      (_, response) => response.end('<html>'),
      `URL gives no SHA-256 in ${FILE}.sha256.`,
    ],
    [
      'gives without end',
      (_, response) => response.end('a'.repeat(10_000)),
      `URL gives no SHA-256 in ${FILE}.sha256.`,
    ],
    ['breaks off', (_, response) => response.destroy(), 'URL cannot be reached (UND_ERR_SOCKET).'],
    [
      'leads in circles',
      ({ url }, response) => response.writeHead(302, { location: url }).end(),
      'URL answers with status 302.',
    ],
    [
      'does not say how large it is',
      (request, response) =>
        request.method === 'HEAD'
          ? response.writeHead(200, { 'transfer-encoding': 'chunked' }).end()
          : serving(request, response),
      `URL does not say how large ${FILE} is, or it is larger than 1024 MiB.`,
    ],
  ])('is not known to have or lack anything where it %s', async (_, handler, why) => {
    const { ask, url, asked, later } = await aRegistry(handler);
    expect(await ask()).toEqual({ state: 'unknown', why: why.replace('URL', url) });
    const before = asked.length;
    await ask();
    expect(asked).toHaveLength(before);
    later(120_001);
    await ask();
    expect(asked.length).toBeGreaterThan(before);
  });

  it('is waited for only a few seconds', async () => {
    const { ask, url } = await aRegistry(() => undefined);
    expect(await ask()).toEqual({ state: 'unknown', why: `${url} did not answer in time.` });
  });

  it('is followed to where it keeps packages', async () => {
    const { ask } = await aRegistry((request, response) => {
      const moved = request.url?.startsWith('/files') === true;
      if (!moved) response.writeHead(307, { location: `/files${request.url}` }).end();
      else serving(Object.assign(request, { url: request.url?.replace('/files', '') }), response);
    });
    expect(await ask()).toMatchObject({ state: 'has', package: { bytes: 1234 } });
  });

  it('is not asked any more once the pass is given up', async () => {
    const registry = new HttpRegistry({
      userAgent: 'test',
      time: { now: () => 0, sleep: () => Promise.resolve() },
      proxyEnv: {},
    });
    const question = { key: 'one', registry: 'http://127.0.0.1:1', target: TARGET };
    await expect(
      registry.ask([question], { signal: AbortSignal.abort(new Error('stopped')) }),
    ).rejects.toThrow('stopped');
  });
});
