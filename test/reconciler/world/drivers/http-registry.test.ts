import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { modulesFile } from '../../../../schemas/drivers/package.ts';
import { guardedLookup } from '../../../../reconciler/world/drivers/guarded-lookup.ts';
import {
  HttpRegistry,
  type HttpRegistryOptions,
} from '../../../../reconciler/world/drivers/http-registry.ts';

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
async function aRegistry(handler: Handler, options: Partial<HttpRegistryOptions> = {}) {
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
  const url = `http://127.0.0.1:${port}`;
  const registry = new HttpRegistry({
    userAgent: 'test',
    time,
    proxyEnv: {},
    withinMs: 300,
    allowed: [url],
    ...options,
  });
  closing.push(() => registry[Symbol.asyncDispose]());
  const ask = async (address = `${url}/`) =>
    (await registry.ask([{ key: address, registry: address, target: TARGET }])).get(address);
  return { ask, asked, url, port, server, later: (ms: number) => (now += ms) };
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

  it('is followed to other folders of its own host, whatever the configuration names', async () => {
    const leading: Handler = (request, response) => {
      const [, file] = /^\/weka(.*)$/.exec(request.url ?? '') ?? [];
      if (file === undefined) serving(request, response);
      else response.writeHead(302, { location: file }).end();
    };
    const { ask, url } = await aRegistry(leading, { allowed: ['https://elsewhere.example.com/weka'] });
    expect(await ask(`${url}/weka`)).toMatchObject({ state: 'has', package: { sha256: SHA256 } });
  });

  it('is followed to another one only where packages may come from there', async () => {
    const other = await aRegistry(serving);
    const leading: Handler = ({ url }, response) =>
      response.writeHead(302, { location: `${other.url}${url}?token=hunter2` }).end();
    const alone = await aRegistry(leading);
    const answer = await alone.ask();
    expect(answer).toEqual({
      state: 'unknown',
      why: `${alone.url} leads to an address of ${other.url}, and packages of drivers may not come from there.`,
      hint: `Find the folder there by curl -sI ${alone.url}${PATH}.sha256, and add that, not all of ${other.url}, to ceilings.driverRegistries of the configuration, beside ${alone.url}, if nodes may load what is there.`,
    });
    expect(other.asked).toEqual([]);
    const both = await aRegistry(leading, { allowed: [alone.url, other.url] });
    expect(await both.ask()).toMatchObject({ state: 'has-not' });
    expect(other.asked).toEqual([`GET ${PATH}.sha256?token=hunter2`]);
  });

  it.each([
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    'fe80::7',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    'fd00:ec2::254',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b::6464:64c8',
  ])('is not asked where its name leads to %s', async (address) => {
    const { ask, asked, port } = await aRegistry(serving, {
      resolve: (_host, _options, done) => done(null, [{ address, family: address.includes(':') ? 6 : 4 }]),
    });
    expect(await ask(`http://mirror.example.com:${port}`)).toEqual({
      state: 'unknown',
      why: `http://mirror.example.com:${port} was not asked: the name mirror.example.com leads to ${address}, which is no address of a registry.`,
      hint: 'See who answers for that name; if the address is meant, write it in place of the name, also in ceilings.driverRegistries of the configuration.',
    });
    expect(asked).toEqual([]);
  });

  it('may be asked where a network of IPv6 alone has its address', async () => {
    const found: unknown[] = [];
    const resolve: HttpRegistryOptions['resolve'] = (_host, _options, done) =>
      done(null, [{ address: '64:ff9b::cb00:7107', family: 6 }]);
    guardedLookup(resolve)('mirror.example.com', { all: true }, (error, addresses) =>
      found.push(error, addresses),
    );
    expect(found).toEqual([null, [{ address: '64:ff9b::cb00:7107', family: 6 }]]);
  });

  it.each([
    ['https', 407],
    ['http', 407],
    ['https', 403],
  ])('is told apart from a proxy on the way that refuses, by %s with %i', async (scheme, status) => {
    const proxy = await aRegistry((_, response) => response.writeHead(status).end());
    proxy.server.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`));
    const env = `http://someone:hunter2@127.0.0.1:${proxy.port}`;
    const { ask } = await aRegistry(serving, { proxyEnv: { HTTPS_PROXY: env, HTTP_PROXY: env } });
    const answer = await ask(`${scheme}://mirror.example.com`);
    expect(answer).toMatchObject({
      state: 'unknown',
      why: `${scheme}://mirror.example.com cannot be reached: the proxy answers with status ${status}.`,
    });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
  });

  it('is not asked by a proxy of a kind that is not supported, and says so', async () => {
    const { ask } = await aRegistry(serving, {
      proxyEnv: { HTTPS_PROXY: 'socks5://a:hunter2@127.0.0.1:1080' },
    });
    expect(await ask('https://mirror.example.com')).toEqual({
      state: 'unknown',
      why: 'https://mirror.example.com was not asked: HTTPS_PROXY names a proxy of the kind socks5, which is not supported.',
      hint: 'Use an http:// or https:// proxy that lets CONNECT through.',
    });
  });

  it('on this machine may be called so', async () => {
    const { ask, port } = await aRegistry(serving);
    expect(await ask(`http://localhost:${port}`)).toMatchObject({ state: 'has' });
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
