import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { publish } from '../../../nodeagent/upload/publish.ts';
import type { Time } from '../../../nodeagent/time.ts';
import { anAuthority, certificateIn, SERVER_NAME } from '../dist/certificates.ts';
import { type DistSite, distSite, pathOf, sha256Of, startTestDist } from '../dist/dist-site.ts';
import { hastyTime } from '../hasty-time.ts';

const FILE = '4.4.5-0123456789abcdef.tar.gz';
const BYTES = Buffer.from('a package '.repeat(300_000));

interface Sent {
  readonly url: string;
  readonly tls?: string;
  readonly bytes?: Buffer;
  readonly sha256?: string;
  readonly serverName?: string;
  readonly time?: Time;
  readonly signal?: AbortSignal;
}

async function send(site: DistSite, sent: Sent): Promise<void> {
  const { url, tls = site.uploader, bytes = BYTES, time = hastyTime(), signal } = sent;
  const path = join(site.folder, '../package');
  await writeFile(path, bytes);
  const { sha256 = sha256Of(bytes), serverName = SERVER_NAME } = sent;
  await publish(
    { file: FILE, sha256, bytes: bytes.length, path, url, serverName, tls },
    { signal: signal ?? new AbortController().signal, time, random: () => 0 },
  );
}

describe('a package', () => {
  it('is there once it is published, and once only, whoever publishes it again', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await send(site, { url: dist.url });
    await send(site, { url: dist.url });
    await Promise.all([send(site, { url: dist.url }), send(site, { url: dist.url })]);
    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
    expect(site.said('Took in a package')).toHaveLength(1);
    expect(site.said('Was sent a package that is here already')).toHaveLength(3);
    // What is there is not sent again.
    expect((await dist.get('/metrics')).text).toContain(`weka_dist_received_bytes_total ${BYTES.length}\n`);
  });

  it('gets there though the connection breaks again and again', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const proxy = await cuttingProxy(dist.port, [0, 200, 100_000, 1_000_000, 2_999_000]);
    const time = hastyTime();
    await send(site, { url: `https://127.0.0.1:${proxy.port}`, time });
    expect(proxy.connections()).toBe(6);
    expect(time.waits).toEqual([500, 1000, 2000, 4000, 8000]);
    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
    expect(await readdir(join(site.folder, '.incoming'))).toEqual([]);
  });

  it('is given up after a quarter of an hour in which nobody answers', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.running.stop(0);
    const time = hastyTime();
    await expect(send(site, { url: dist.url, time })).rejects.toMatchObject({
      code: 'UPLOAD_UNREACHABLE',
      message: `${FILE} cannot be sent to ${dist.url}: ECONNREFUSED.`,
    });
    expect(time.now() / 60_000).toBeGreaterThanOrEqual(15);
    expect(time.now() / 60_000).toBeLessThan(17);
  });

  it('is not sent again where the service has other bytes of its name', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.put(FILE, Buffer.from('other'));
    const time = hastyTime();
    await expect(send(site, { url: dist.url, time })).rejects.toMatchObject({
      code: 'UPLOAD_CONFLICT',
      message: `The distribution service ${dist.url} did not take ${FILE}: ${FILE} is here with other bytes, of SHA-256 ${sha256Of(Buffer.from('other'))}.`,
    });
    expect(time.waits).toEqual([]);
  });

  it('that does not have its digest, or its size, is not published', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await expect(send(site, { url: dist.url, sha256: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'UPLOAD_DIGEST',
    });
    const path = join(site.folder, '../package');
    await appendFile(path, 'more');
    const options = { signal: new AbortController().signal };
    const wrong = { file: FILE, sha256: sha256Of(BYTES), bytes: BYTES.length, path, url: dist.url };
    await expect(publish({ ...wrong, tls: site.uploader }, options)).rejects.toMatchObject({
      code: 'UPLOAD_FILE',
      message: `${path} has 3000004 bytes, and not 3000000.`,
    });
    await rm(path);
    await expect(publish({ ...wrong, tls: site.uploader }, options)).rejects.toMatchObject({
      code: 'UPLOAD_FILE',
    });
    expect(await readdir(join(site.folder, 'drivers'))).toEqual([]);
  });

  it('waits for room, and is given up where there stays none', async () => {
    const site = await distSite();
    const dist = await startTestDist(site, { budgetBytes: 1000 });
    await expect(send(site, { url: dist.url })).rejects.toMatchObject({
      code: 'UPLOAD_NO_ROOM',
      hint: 'Give the distribution service a larger volume, or raise DIST_BUDGET_BYTES.',
    });
  });

  it('is not sent without TLS', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await expect(send(site, { url: dist.url.replace('https', 'http') })).rejects.toMatchObject({
      code: 'UPLOAD_REJECTED',
      message: `Uploads need https://, and not ${dist.url.replace('https', 'http')}.`,
    });
  });

  it('is sent no more once whoever sends it is to end', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.running.stop(0);
    const stop = new AbortController();
    const time = hastyTime();
    const sleep: Time['sleep'] = async (ms, signal) => {
      stop.abort(new Error('Ended by SIGTERM.'));
      await time.sleep(ms, signal).catch(() => undefined);
    };
    const sending = send(site, { url: dist.url, time: { ...time, sleep }, signal: stop.signal });
    await expect(sending).rejects.toThrow('Ended by SIGTERM.');
  });
});

describe('a certificate', () => {
  it('of another CA is not believed, and four minutes later neither', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const other = await anAuthority();
    const { certificate: ca } = site.authority;
    const tls = await certificateIn(join(site.folder, '../other'), other, 'upload', { ca });
    const time = hastyTime();
    await expect(send(site, { url: dist.url, tls, time })).rejects.toMatchObject({
      code: 'UPLOAD_REFUSED',
      message: expect.stringContaining('The client certificate is not valid for this service'),
    });
    expect(time.now() / 60_000).toBeGreaterThanOrEqual(4);
    expect(time.now() / 60_000).toBeLessThan(6);
  });

  it('that is renewed while it is tried is used', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const { certificate: ca } = site.authority;
    const tls = await certificateIn(join(site.folder, '../other'), await anAuthority(), 'upload', { ca });
    const time = hastyTime();
    const sleep: Time['sleep'] = async (ms, signal) => {
      await certificateIn(tls, site.authority, 'upload');
      await time.sleep(ms, signal);
    };
    await send(site, { url: dist.url, tls, time: { ...time, sleep } });
    expect((await dist.get(pathOf(FILE))).status).toBe(200);
  });

  it('of a service is only believed for its name and its CA', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await expect(send(site, { url: dist.url, serverName: 'other.svc' })).rejects.toMatchObject({
      code: 'UPLOAD_TLS',
      message: `TLS with the distribution service ${dist.url} fails: ERR_TLS_CERT_ALTNAME_INVALID.`,
    });
    const tls = await certificateIn(join(site.folder, '../other'), await anAuthority(), 'upload');
    await expect(send(site, { url: dist.url, tls })).rejects.toMatchObject({ code: 'UPLOAD_TLS' });
  });

  it('that is not there is said to be', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await rm(join(site.uploader, 'tls.key'));
    await expect(send(site, { url: dist.url })).rejects.toMatchObject({
      code: 'UPLOAD_FILE',
      message: `The certificate in ${site.uploader} cannot be read: ENOENT.`,
    });
    expect(await readFile(join(site.uploader, 'ca.crt'), 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});

/** Lets so many bytes through to the port on its first connections, and all on later ones. */
async function cuttingProxy(port: number, limits: readonly number[]) {
  const { connect } = await import('node:net');
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const limit = limits[connections] ?? Infinity;
    connections += 1;
    sockets.add(socket.on('error', () => undefined));
    if (limit === 0) {
      socket.destroy();
      return;
    }
    const behind = connect(port, '127.0.0.1').on('error', () => undefined);
    let passed = 0;
    socket.on('data', (chunk) => {
      passed += chunk.length;
      if (passed <= limit) behind.write(chunk);
      else socket.destroy();
    });
    socket.on('close', () => behind.destroy());
    behind.pipe(socket);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as { port: number }).port, connections: () => connections };
}
