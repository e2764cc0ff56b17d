import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Download, download } from '../../../nodeagent/drivers/download.ts';
import { StepFailedError } from '../../../nodeagent/plan/fault.ts';
import type { DriverSource } from '../../../schemas/node/drivers.ts';
import { newAuthority } from '../../../reconciler/world/drivers/authority.ts';
import { until } from '../../cluster/until.ts';
import { aPackage } from '../plan/driver-builders.ts';
import { sha256 } from './archive.ts';
import { file, packageServer, status } from './package-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

const BYTES = randomBytes(300_000);
const PACKAGE = aPackage('4.4.5', { sha256: sha256(BYTES), bytes: BYTES.length });
async function downloads(...from: readonly DriverSource[]) {
  const folder = await temporaryFolder();
  const to = join(folder, PACKAGE.sha256);
  const once = async (more: Partial<Download> = {}): Promise<StepFailedError | undefined> => {
    try {
      await download({ package: PACKAGE, from, to, signal: new AbortController().signal, ...more });
      expect(await readFile(to)).toEqual(BYTES);
      expect(await readdir(folder)).toEqual([PACKAGE.sha256]);
      return undefined;
    } catch (error) {
      if (!(error instanceof StepFailedError)) throw error;
      expect(existsSync(to)).toBe(false);
      return error;
    }
  };
  return { once, folder, to, part: `${to}.part` };
}

describe('a download', () => {
  it('gives a package its name once it is whole and its digest is right', async () => {
    const server = await packageServer();
    server.answer = file(BYTES);
    const { once } = await downloads(server.source);
    expect(await once()).toBeUndefined();
    expect(server.asked).toEqual([
      { path: '/dist/v1/drivers/4.4.5.tar.gz', range: undefined, ifRange: undefined },
    ]);
  });

  it('asks for the rest after it was cut off, however often', async () => {
    const server = await packageServer();
    const { once } = await downloads(server.source);
    server.answer = file(BYTES, { cut: 100_000 });
    for (const _ of [1, 2]) expect(await once()).toMatchObject({ code: 'UNREACHABLE', hasProgressed: true });
    server.answer = file(BYTES);
    expect(await once()).toBeUndefined();
    expect(server.asked.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      [undefined, undefined],
      ['bytes=100000-', '"v1"'],
      ['bytes=200000-', '"v1"'],
    ]);
  });

  it('takes a few bytes, or some that it cannot go on from, for no progress', async () => {
    const server = await packageServer();
    const { once } = await downloads(server.source);
    server.answer = file(BYTES, { cut: 1 });
    expect(await once()).toMatchObject({ code: 'UNREACHABLE', hasProgressed: false });
    server.answer = file(BYTES, { etag: 'W/"weak"', cut: 100_000 });
    expect(await once()).toMatchObject({ code: 'UNREACHABLE', hasProgressed: false });
  });

  it('goes on at another source where one breaks off', async () => {
    const [first, second] = [await packageServer(), await packageServer()];
    first.answer = file(BYTES, { etag: `"sha256-${PACKAGE.sha256}"`, cut: 100_000 });
    second.answer = file(BYTES, { etag: `"sha256-${PACKAGE.sha256}"` });
    const { once } = await downloads(first.source, second.source);
    expect(await once()).toBeUndefined();
    expect(second.asked[0]?.range).toBe('bytes=100000-');
  });

  it('begins anew where the file has changed meanwhile', async () => {
    const server = await packageServer();
    const { once } = await downloads(server.source);
    server.answer = file(randomBytes(300_000), { etag: '"old"', cut: 100_000 });
    await once();
    server.answer = file(BYTES, { etag: '"new"' });
    expect(await once()).toBeUndefined();
    expect(server.asked).toHaveLength(2);
  });

  it('begins anew by itself where the rest does not fit what it had', async () => {
    const server = await packageServer();
    const { once, part } = await downloads(server.source);
    await writeFile(part, randomBytes(1000));
    await writeFile(`${part}.json`, JSON.stringify({ etag: '"v1"' }));
    server.answer = file(BYTES);
    expect(await once()).toBeUndefined();
    expect(server.asked.map(({ range }) => range)).toEqual(['bytes=1000-', undefined]);
  });

  it('takes what it had for whole where all of it had come before it was killed', async () => {
    const server = await packageServer();
    const { once, part } = await downloads(server.source);
    await writeFile(part, BYTES);
    await writeFile(`${part}.json`, JSON.stringify({ etag: '"v1"' }));
    expect(await once()).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it('asks for all of it where the server has no strong mark for its version', async () => {
    const server = await packageServer();
    const { once } = await downloads(server.source);
    server.answer = file(BYTES, { etag: 'W/"weak"', cut: 100_000 });
    await once();
    server.answer = file(BYTES);
    expect(await once()).toBeUndefined();
    expect(server.asked[1]?.range).toBeUndefined();
  });

  it('keeps nothing of what is not the package', async () => {
    const server = await packageServer();
    server.answer = file(randomBytes(300_000));
    const { once, folder } = await downloads(server.source);
    expect(await once()).toMatchObject({
      code: 'DIGEST',
      hint: expect.stringMatching(/^Delete the package/) as string,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes the package from the source that has it', async () => {
    const servers = [await packageServer(), await packageServer(), await packageServer()];
    servers[1]!.answer = file(randomBytes(300_000));
    servers[2]!.answer = file(BYTES);
    const { once } = await downloads(...servers.map(({ source }) => source));
    expect(await once()).toBeUndefined();
  });

  it('says that it is missing only where every source says so', async () => {
    const [first, second] = [await packageServer(), await packageServer()];
    const { once } = await downloads(first.source, second.source);
    expect((await once())?.code).toBe('PACKAGE_MISSING');
    second.answer = status(500);
    expect((await once())?.code).toBe('SERVICE');
    expect((await (await downloads()).once())?.code).toBe('PACKAGE_MISSING');
  });

  it('waits as long as a source that is overloaded asks for', async () => {
    const server = await packageServer();
    server.answer = status(503, { 'retry-after': '120' });
    expect((await (await downloads(server.source)).once())?.retryAfterMs).toBe(120_000);
  });

  it('says where nobody listens', async () => {
    const { once } = await downloads({ url: 'http://127.0.0.1:9' });
    expect(await once()).toMatchObject({
      code: 'UNREACHABLE',
      message: 'The service at http://127.0.0.1:9 cannot be reached (ECONNREFUSED).',
      hint: expect.stringMatching(/port 60002/) as string,
    });
  });

  it('says where the disk cannot be written', async () => {
    const server = await packageServer();
    server.answer = file(BYTES);
    const { to } = await downloads();
    await writeFile(to, '');
    await chmod(to, 0o600);
    // A file where the folder should be.
    const given = {
      package: PACKAGE,
      from: [server.source],
      to: join(to, 'x'),
      signal: new AbortController().signal,
    };
    await expect(download(given)).rejects.toMatchObject({ code: 'STATE_FOLDER' });
  });

  it('ends at once when it is asked to, and keeps what came', async () => {
    const server = await packageServer();
    const { once, part } = await downloads(server.source);
    server.answer = (_, response) =>
      void response.writeHead(200, { etag: '"v1"' }).write(BYTES.subarray(0, 5000));
    const stop = new AbortController();
    const ended = once({ signal: stop.signal }).catch((error: unknown) => error);
    await until('some of it came', async () => existsSync(part) && (await stat(part)).size === 5000);
    stop.abort(new Error('Stop.'));
    expect(await ended).toEqual(new Error('Stop.'));
    expect((await stat(part)).size).toBe(5000);
  });
});

describe('a download over TLS', () => {
  it('takes the certificate for the name in the intent, by the authority in the intent', async () => {
    const server = await packageServer({ tls: true });
    server.answer = file(BYTES);
    expect(await (await downloads(server.source)).once()).toBeUndefined();
  });

  it('refuses a certificate that does not verify like any other failure, and asks the next source', async () => {
    const [server, other] = [await packageServer({ tls: true }), await packageServer()];
    server.answer = file(BYTES);
    const { certificate } = await newAuthority('other', new Date());
    const { ca: _, ...withoutAuthority } = server.source;
    const untrusted: readonly DriverSource[] = [
      withoutAuthority,
      { ...server.source, ca: certificate },
      { ...server.source, serverName: 'other.weka.svc.cluster.local' },
    ];
    for (const source of untrusted) {
      const { once } = await downloads(source);
      expect(await once()).toMatchObject({
        code: 'UNTRUSTED',
        message: expect.stringMatching(/does not verify \(/) as string,
      });
    }
    expect(server.asked).toEqual([]);
    other.answer = file(BYTES);
    expect(await (await downloads(untrusted[0]!, other.source)).once()).toBeUndefined();
  });

  it('says where the server does not speak TLS', async () => {
    const server = await packageServer();
    const source = { url: server.source.url.replace('http:', 'https:') };
    expect(await (await downloads(source)).once()).toMatchObject({ code: 'SERVICE' });
  });
});
