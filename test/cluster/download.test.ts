import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { download, type Release } from './download.ts';
import pinned from './releases.json' with { type: 'json' };
import { run } from './run.ts';
import { scratchFolder, script } from './scratch.ts';
import { until } from './until.ts';

describe('download', () => {
  it('unpacks a release whose digest is the pinned one, and asks no more for it', async () => {
    const { cache, archive, release, reported, options } = await setUp();
    const asked: string[] = [];
    const mirror = await serve((request, response) => {
      asked.push(request.url!);
      response.end(archive);
    });
    const folder = await download(release, { ...options, mirror });
    expect(await run(join(folder!, 'kubectl'), [])).toMatchObject({ stdout: 'I am kubectl\n', exitCode: 0 });
    expect(await download(release, { ...options, mirror })).toBe(folder);
    expect(asked).toEqual([expect.stringMatching(/^\/releases\.example\/v1\/bin-a..64\.tar\.gz$/)]);
    expect(await readdir(cache)).toEqual([expect.stringMatching(/^release-[0-9a-f]{16}$/)]);
    expect(reported).toEqual([]);
  });

  it('refuses a release whose digest is another, and keeps nothing of it', async () => {
    const { cache, archive, release, reported, options } = await setUp();
    const mirror = await serve((_request, response) => response.end(Buffer.concat([archive, Buffer.of(0)])));
    expect(await download(release, { ...options, mirror })).toBeUndefined();
    expect(reported).toEqual([
      expect.stringMatching(/: it is sha512:[0-9a-f]{128}, but sha512:[0-9a-f]{128} is pinned\.$/),
    ]);
    expect(await readdir(cache)).toEqual([]);
  });

  it('refuses a release of the right digest that lacks a program', async () => {
    const { release, archive, reported, options } = await setUp();
    const mirror = await serve((_request, response) => response.end(archive));
    const without = { ...release, programs: { kubectl: 'v1/kubectl' } };
    expect(await download(without, { ...options, mirror })).toBeUndefined();
    expect(reported).toEqual([expect.stringContaining('it cannot be unpacked: tar: v1/kubectl: Not found')]);
  });

  it('gives up within 5 s on a server that never answers', async () => {
    const { release, reported, options } = await setUp();
    const mirror = await serve(() => {});
    const started = Date.now();
    expect(await download(release, { ...options, mirror })).toBeUndefined();
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(reported).toEqual([expect.stringMatching(/: no data for 4 s\.$/)]);
  });

  it('gives up on a server that stops half-way, and leaves nothing', async () => {
    const { cache, release, archive, reported, options } = await setUp();
    const mirror = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, 10));
    });
    expect(await download(release, { ...options, mirror, patienceMs: 200 })).toBeUndefined();
    expect(reported).toEqual([expect.stringMatching(/: no data for 0\.2 s\.$/)]);
    expect(await readdir(cache)).toEqual([]);
  });

  it('says how far it is', async () => {
    const { release, archive, reported, options } = await setUp();
    const mirror = await serve((_request, response) => {
      response.write(archive.subarray(0, 10));
      void until('progress is told', () => reported.length > 0).then(() =>
        response.end(archive.subarray(10)),
      );
    });
    expect(await download(release, { ...options, mirror, progressMs: 100 })).toBeDefined();
    expect(reported[0]).toMatch(/^Downloading .*: 0 MiB\.$/);
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:12', 'ECONNREFUSED'],
    ['the name is unknown', 'http://nowhere.invalid', 'nowhere.invalid'],
  ])('gives up at once where %s', async (_why, mirror, message) => {
    const { release, reported, options } = await setUp();
    const started = Date.now();
    expect(await download(release, { ...options, mirror })).toBeUndefined();
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(reported).toEqual([expect.stringContaining(message)]);
  });

  it('names the status of a server that has it not', async () => {
    const { release, reported, options } = await setUp();
    const mirror = await serve((_request, response) => response.writeHead(404).end());
    expect(await download(release, { ...options, mirror })).toBeUndefined();
    expect(reported).toEqual([expect.stringMatching(/: HTTP status 404\.$/)]);
  });

  it('fetches once for several that ask at once', async () => {
    const { release, archive, reported, options } = await setUp();
    let asked = 0;
    const mirror = await serve((_request, response) => {
      asked++;
      response.end(archive);
    });
    const [one, other] = await Promise.all([
      download(release, { ...options, mirror }),
      download(release, { ...options, mirror }),
    ]);
    expect(one).toBeDefined();
    expect(other).toBe(one);
    expect(asked).toBe(1);
    expect(reported).toEqual([expect.stringMatching(/^Another process downloads .*; waiting for it\.$/)]);
  });

  it('downloads nothing that is not pinned for this architecture', async () => {
    const { release, options } = await setUp();
    expect(await download({ ...release, digest: {} }, options)).toBeUndefined();
  });
});

describe('the pinned releases', () => {
  it.each(pinned)('name a digest for each architecture: $url', ({ url, digest }) => {
    expect(url).toMatch(/^https:\/\/.*\{arch\}/);
    expect(Object.keys(digest)).toEqual(['amd64', 'arm64']);
    for (const value of Object.values(digest))
      expect(value).toMatch(/^sha512:[0-9a-f]{128}$|^sha256:[0-9a-f]{64}$/);
  });
});

/** A release with one program, as its archive and as its pin. */
async function setUp() {
  const folder = await scratchFolder();
  const cache = join(folder, 'cache');
  await script(join(folder, 'v1/bin/kubectl'), 'echo I am kubectl');
  const file = join(folder, 'archive.tar.gz');
  const packed = await run('tar', ['-czf', file, '-C', folder, 'v1']);
  if (packed.exitCode !== 0) throw new Error(packed.stderr);
  const archive = await readFile(file);
  const digest = `sha512:${createHash('sha512').update(archive).digest('hex')}`;
  const release: Release = {
    url: 'https://releases.example/v1/bin-{arch}.tar.gz',
    digest: { amd64: digest, arm64: digest },
    programs: { kubectl: 'v1/bin/kubectl' },
  };
  const reported: string[] = [];
  const options = { cache, report: (line: string) => void reported.push(line) };
  return { cache, archive, release, reported, options };
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
