import { type ChildProcess, execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type DownloadOptions, download } from '../../../nodeagent/fetch/download.ts';
import { DriverResult } from '../../../schemas/drivers/result.ts';
import { certificateIn, SERVER_NAME } from '../dist/certificates.ts';
import { type DistSite, distSite, pathOf, sha256Of, startTestDist } from '../dist/dist-site.ts';
import { hastyTime } from '../hasty-time.ts';
import { connectProxy, connectRefused, giving, serve } from './registry.ts';

const MAIN = fileURLToPath(new URL('../../../nodeagent/main.ts', import.meta.url));
const FILE = 'weka-driver-0123-4567.zip';
const BYTES = Buffer.from('a package '.repeat(300_000));
const PACKAGE = {
  version: '4.4.5',
  kernel: '6.1.0-30-cloud-amd64',
  architecture: 'x86_64',
  file: FILE,
  sha256: sha256Of(BYTES),
  bytes: BYTES.length,
  layout: 'vendor',
};

/** `weka-nodeagent fetch` as a process. */
async function fetch(
  site: DistSite,
  env: Readonly<Record<string, string>>,
  started?: (child: ChildProcess) => void,
) {
  const file = join(site.folder, '../result');
  const args = [MAIN, 'fetch', '--tls', site.uploader, '--result', file];
  const running = promisify(execFile)(process.execPath, args, {
    env: { UPLOAD_SERVER_NAME: SERVER_NAME, FETCH_PACKAGE: JSON.stringify(PACKAGE), ...env },
  });
  started?.(running.child);
  const { code, stderr } = await running.then(
    ({ stderr }) => ({ code: 0, stderr }),
    (error: unknown) => error as { readonly code: number; readonly stderr: string },
  );
  return { code, stderr, result: DriverResult.parse(JSON.parse(await readFile(file, 'utf8'))) };
}

describe('weka-nodeagent fetch', () => {
  it('brings a package from the registry into the service, and says so', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const registry = await serve(giving(BYTES));
    const led = await serve((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${registry.port}/x/${FILE}` }).end();
    });
    const env = {
      FETCH_URL: `http://127.0.0.1:${led.port}/x/${FILE}`,
      FETCH_WITHIN: JSON.stringify([`http://127.0.0.1:${registry.port}`]),
      UPLOAD_URL: dist.url,
    };
    expect(await fetch(site, env)).toMatchObject({
      code: 0,
      result: { schemaVersion: 1, result: 'published', package: PACKAGE },
    });
    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
    // What the service has is not asked for.
    expect((await fetch(site, env)).code).toBe(0);
    expect(registry.requests).toHaveLength(1);
  });

  it('leaves nothing of what does not have the pinned digest, and says which it has', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const other = Buffer.from(BYTES);
    other[other.length - 1]! ^= 1;
    const registry = await serve(giving(other));
    const origin = `http://127.0.0.1:${registry.port}`;
    const ended = await fetch(site, { FETCH_URL: `${origin}/${FILE}`, UPLOAD_URL: dist.url });
    expect(ended).toMatchObject({
      code: 2,
      result: {
        result: 'failed',
        code: 'DIGEST',
        message: `What ${origin} has as ${FILE} has SHA-256 ${sha256Of(other)}, and not the pinned ${PACKAGE.sha256}.`,
        target: { version: '4.4.5', kernel: PACKAGE.kernel, architecture: 'x86_64' },
      },
    });
    expect(await readdir(join(site.folder, 'drivers'))).toEqual([]);
    expect(await readdir(join(site.folder, '.incoming'))).toEqual([]);
  });

  it('speaks to the registry by the proxy and the CA that it is told, and to the service without', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const tls = await certificateIn(join(site.folder, '../registry'), site.authority, 'server', {
      names: ['drivers.example.com'],
    });
    const registry = await serve(giving(BYTES), tls);
    const proxy = await connectProxy(registry.port);
    const ended = await fetch(site, {
      FETCH_URL: `https://drivers.example.com/${FILE}`,
      FETCH_CA: site.authority.certificate,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NO_PROXY: '127.0.0.1',
      UPLOAD_URL: dist.url,
    });
    expect({ code: ended.code, asked: proxy.asked }).toEqual({ code: 0, asked: ['drivers.example.com:443'] });
  });

  it('ends where it is asked to, and says so', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const asked = Promise.withResolvers<void>();
    const registry = await serve(() => asked.resolve());
    const env = { FETCH_URL: `http://127.0.0.1:${registry.port}/`, UPLOAD_URL: dist.url };
    const ended = await fetch(site, env, (child) => {
      void asked.promise.then(() => child.kill('SIGTERM'));
    });
    expect(ended).toMatchObject({ code: 2, result: { code: 'STOPPED' } });
    expect(await readdir(join(site.folder, 'drivers'))).toEqual([]);
  });

  it('says what it is not told, and repeats no value', async () => {
    const site = await distSite();
    const ended = await fetch(site, { FETCH_URL: 'ftp://user:secret@host/' });
    expect(ended).toMatchObject({
      code: 2,
      result: {
        code: 'FETCH_SETTINGS',
        message: 'FETCH_URL of the pod is missing, or not as it has to be.',
      },
    });
    expect(ended.stderr).not.toContain('secret');
  });
});

async function downloaded(url: string, options: Partial<DownloadOptions> = {}) {
  const chunks: Uint8Array[] = [];
  const log: string[] = [];
  const note = (_fields: object, message: string) => void log.push(message);
  const time = hastyTime();
  const bytes = download(
    {
      url,
      package: PACKAGE,
      env: {},
      userAgent: 'test',
      random: () => 0,
      log: { info: note, warn: note },
      time,
      ...options,
    },
    new AbortController().signal,
  );
  for await (const chunk of bytes) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), log, waits: time.waits };
}

describe('a download', () => {
  it('that breaks off goes on from there', async () => {
    const whole = giving(BYTES);
    const { port, requests } = await serve((request, response, before) => {
      if (before === 4) {
        whole(request, response, before);
        return;
      }
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.writeHead(from === 0 ? 200 : 206, {
        etag: '"v1"',
        'content-length': BYTES.length - from,
        ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }),
      });
      response.write(BYTES.subarray(from, from + 500_000), () => response.destroy());
    });
    const { bytes, log } = await downloaded(`http://127.0.0.1:${port}/`);
    expect(bytes.equals(BYTES)).toBe(true);
    expect(log).toEqual(Array.from({ length: 4 }, () => 'Goes on with a download that broke off'));
    const firsts = requests.map(({ headers }) => Number(/\d+/.exec(headers.range ?? '0')?.[0]));
    expect(firsts).toEqual(firsts.toSorted((one, other) => one - other));
    expect(new Set(firsts).size).toBe(5);
    expect(requests.map(({ headers }) => headers['if-range'])).toEqual([
      undefined,
      ...Array.from({ length: 4 }, () => '"v1"'),
    ]);
  });

  it.each([
    ['says so', '"other"', '"v1"'],
    ['does not say so', undefined, undefined],
  ])('is begun anew where the registry has another file meanwhile, and %s', async (_, before, now) => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const other = Buffer.alloc(BYTES.length, 'another ');
    const registry = await serve((_request, response, asked) => {
      const etag = asked === 0 ? before : now;
      response.writeHead(200, { 'content-length': BYTES.length, ...(etag === undefined ? {} : { etag }) });
      if (asked === 0) response.write(other.subarray(0, 1_234_567), () => response.destroy());
      else response.end(BYTES);
    });
    const env = { FETCH_URL: `http://127.0.0.1:${registry.port}/${FILE}`, UPLOAD_URL: dist.url };
    expect((await fetch(site, env)).code).toBe(0);
    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
  });

  it('that comes a byte at a time, each by a request of its own, is given up', async () => {
    const { port, requests } = await serve((request, response) => {
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.writeHead(from === 0 ? 200 : 206, {
        etag: '"v1"',
        'content-length': BYTES.length - from,
        ...(from === 0 ? {} : { 'content-range': `bytes ${from}-${BYTES.length - 1}/${BYTES.length}` }),
      });
      response.write(BYTES.subarray(from, from + 1), () => response.destroy());
    });
    await expect(downloaded(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    expect(requests).toHaveLength(4);
  });

  it('waits as long as an overloaded registry asks for', async () => {
    const whole = giving(BYTES);
    const { port } = await serve((request, response, before) => {
      if (before > 0) whole(request, response, before);
      else response.writeHead(429, { 'retry-after': '120' }).end();
    });
    expect((await downloaded(`http://127.0.0.1:${port}/`)).waits).toEqual([120_000]);
  });

  it('has the password of its address sent to nobody that it is led to', async () => {
    const told: (string | undefined)[] = [];
    const target = await serve((request, response, before) => {
      told.push(request.headers.authorization);
      giving(BYTES)(request, response, before);
    });
    const led = await serve((request, response) => {
      told.push(request.headers.authorization);
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}/` }).end();
    });
    await downloaded(`http://me:50%25@127.0.0.1:${led.port}/`, {
      within: [`http://127.0.0.1:${target.port}`],
    });
    expect(told).toEqual([`Basic ${Buffer.from('me:50%').toString('base64')}`, undefined]);
  });

  it('that breaks off comes to the same where the registry knows no parts', async () => {
    const { port } = await serve((_request, response, before) => {
      response.writeHead(200);
      if (before === 0) response.write(BYTES.subarray(0, 1_234_567), () => response.destroy());
      else response.end(BYTES);
    });
    expect((await downloaded(`http://127.0.0.1:${port}/`)).bytes.equals(BYTES)).toBe(true);
  });

  it.each([
    [404, 'REGISTRY_WITHOUT', `ORIGIN has no ${FILE} any more.`],
    [403, 'REGISTRY_REFUSED', `ORIGIN does not give ${FILE}: HTTP status 403.`],
    [503, 'REGISTRY_UNREACHABLE', `${FILE} cannot be had from ORIGIN: it answers with HTTP status 503.`],
  ])('that is answered with %i ends as %s', async (status, code, message) => {
    const { port, requests } = await serve((_request, response) => void response.writeHead(status).end());
    await expect(downloaded(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
      code,
      message: message.replace('ORIGIN', `http://127.0.0.1:${port}`),
    });
    expect(requests).toHaveLength(status === 503 ? 4 : 1);
  });

  it.each([
    ['fewer', BYTES.subarray(1), true],
    ['more', Buffer.concat([BYTES, BYTES]), true],
    ['more, and does not say so', Buffer.concat([BYTES, BYTES]), false],
  ])('of a registry that has %s bytes than are pinned ends at once', async (_what, bytes, isSaid) => {
    const { port, requests } = await serve((_request, response) => {
      response.writeHead(200, isSaid ? { 'content-length': bytes.length } : {});
      response.end(bytes);
    });
    await expect(downloaded(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'DIGEST' });
    expect(requests).toHaveLength(1);
  });

  it('gives its last bytes only if all of them are those that were pinned', async () => {
    const other = Buffer.from(BYTES);
    other[0]! ^= 1;
    const { port } = await serve(giving(other));
    let bytes = 0;
    const reading = async () => {
      const options = { url: `http://127.0.0.1:${port}/`, package: PACKAGE, env: {}, userAgent: 'test' };
      const note = () => undefined;
      const more = { random: () => 0, log: { info: note, warn: note }, time: hastyTime() };
      for await (const chunk of download({ ...options, ...more }, new AbortController().signal)) {
        bytes += chunk.length;
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'DIGEST' });
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(BYTES.length);
  });

  it('follows where it is led as far as it may, but not out of TLS, and not for ever', async () => {
    const target = await serve(giving(BYTES));
    const led = await serve((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}/${FILE}` }).end();
    });
    const within = [`http://127.0.0.1:${target.port}/`];
    expect((await downloaded(`http://127.0.0.1:${led.port}/`, { within })).bytes.equals(BYTES)).toBe(true);
    for (const elsewhere of [[], [`http://127.0.0.1:${target.port}/other`]]) {
      await expect(downloaded(`http://127.0.0.1:${led.port}/`, { within: elsewhere })).rejects.toMatchObject({
        code: 'REGISTRY_REFUSED',
        hint: expect.stringMatching(/^Name that address in ceilings\.driverRegistries/) as string,
      });
    }

    const round = await serve((_request, response) => void response.writeHead(307, { location: '/' }).end());
    await expect(downloaded(`http://127.0.0.1:${round.port}/`)).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });

    const site = await distSite();
    const tls = await certificateIn(join(site.folder, '../registry'), site.authority, 'server', {
      names: ['localhost'],
    });
    const secure = await serve((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}/` }).end();
    }, tls);
    const ca = site.authority.certificate;
    await expect(downloaded(`https://localhost:${secure.port}/`, { ca, within })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      message: `https://localhost:${secure.port} leads to http://127.0.0.1:${target.port}, which is not followed.`,
    });
    await expect(downloaded(`https://localhost:${secure.port}/`)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
  });

  it('asks a proxy for what has no TLS, with the password of the proxy for the proxy alone', async () => {
    const proxy = await serve(giving(BYTES));
    const HTTP_PROXY = `http://me:secret@127.0.0.1:${proxy.port}`;
    const { bytes } = await downloaded(`http://drivers.example.com/x/${FILE}`, { env: { HTTP_PROXY } });
    expect(bytes.equals(BYTES)).toBe(true);
    const [asked] = proxy.requests;
    expect([asked?.url, asked?.headers.host]).toEqual([
      `http://drivers.example.com/x/${FILE}`,
      'drivers.example.com',
    ]);
    expect(asked?.headers['proxy-authorization']).toBe(
      `Basic ${Buffer.from('me:secret').toString('base64')}`,
    );
    expect(asked?.headers.authorization).toBeUndefined();
  });

  it.each([
    [
      'says no',
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      'the proxy answers with HTTP status 407',
    ],
    ['says nothing', '', 'the proxy cannot be reached (ECONNRESET)'],
  ])('says what a proxy does that %s', async (_what, answer, reason) => {
    const port = await connectRefused(answer);
    const HTTPS_PROXY = `http://me:secret@127.0.0.1:${port}`;
    await expect(
      downloaded(`https://drivers.example.com/x/${FILE}`, { env: { HTTPS_PROXY } }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: `${FILE} cannot be had from https://drivers.example.com: ${reason}.`,
    });
  });
});
