import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { DIGEST_HEADER } from '../../../schemas/drivers/uploaders.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { until } from '../../cluster/until.ts';
import { anAuthority, certificateIn } from './certificates.ts';
import { startDistProcess } from './dist-process.ts';
import { ask, clientOf, distSite, pathOf, sha256Of, startTestDist } from './dist-site.ts';
import { halfAnUpload } from './half-an-upload.ts';

const run = promisify(execFile);
const FILE = '4.4.5-0123456789abcdef.tar.gz';
const BYTES = Buffer.from('a package '.repeat(400_000));

it('killed in mid-upload, it has nothing of it when it is started again, and takes it then', async () => {
  const site = await distSite();
  const first = await startDistProcess(site);
  const other = Buffer.from('whole');
  await put(first, 'other', other, site.uploader);
  await halfAnUpload(first, site, FILE, BYTES);
  await until('it has begun', async () => (await readdir(join(site.folder, '.incoming'))).length === 1);
  expect(await first.end('SIGKILL')).toBe('SIGKILL');
  expect(await readdir(join(site.folder, '.incoming'))).toHaveLength(1);

  const second = await startDistProcess(site);
  expect((await ask(second, { path: pathOf(FILE) })).status).toBe(404);
  expect((await ask(second, { path: pathOf('other') })).text).toBe('whole');
  expect(await readdir(join(site.folder, '.incoming'))).toEqual([]);
  expect((await put(second, FILE, BYTES, site.uploader)).status).toBe(201);
  expect(await second.end('SIGTERM')).toBe(0);
});

it('asked to end, it lets a download end, and takes no other', async () => {
  const site = await distSite();
  const dist = await startDistProcess(site);
  const large = Buffer.alloc(48 << 20, 3);
  await put(dist, FILE, large, site.uploader);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const [response] = (await once(
    get({ host: '127.0.0.1', port: dist.port, path: pathOf(FILE), agent }),
    'response',
  )) as [IncomingMessage];
  const ended = dist.end('SIGTERM');
  await until('it is ending', () => site.said('Ends when what is on its way has ended').length === 1);
  await until('it takes no other', async () =>
    ask(dist, { path: '/healthz', plain: true }).then(
      () => false,
      () => true,
    ),
  );
  expect((await buffer(response)).equals(large)).toBe(true);
  expect(await ended).toBe(0);
});

it('takes the port, and its budget, from the environment', async () => {
  const site = await distSite();
  const dist = await startDistProcess(site, { DIST_BUDGET_BYTES: '1000' });
  expect((await put(dist, FILE, BYTES, site.uploader)).status).toBe(507);
  expect((await ask(dist, { path: '/metrics', plain: true })).text).toContain(
    'weka_dist_budget_bytes 1000\n',
  );
  await expect(startDistProcess(site, { DIST_BUDGET_BYTES: '1 GB' })).rejects.toThrow(
    'USAGE: DIST_BUDGET_BYTES "1 GB" is no number that it may be.',
  );
  await expect(startDistProcess(site, { PORT: `${dist.port}` })).rejects.toThrow(
    `LISTEN: Packages cannot be served at *:${dist.port}: another process listens there.`,
  );
});

it('uses a renewed certificate without a restart, and believes who has one of the new CA', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { lookEveryMs: 20 });
  expect((await dist.put('a', BYTES)).status).toBe(201);
  const ca = await anAuthority();
  const uploader = await certificateIn(join(site.folder, '../upload-2'), ca, 'upload');
  expect((await dist.put('b', BYTES, { as: uploader })).status).toBe(403);

  await certificateIn(site.tls, ca, 'server');
  const reach = { port: dist.port, ca: ca.certificate };
  await until('the new one is used', async () => (await ask(reach, { path: '/healthz' })).status === 200);

  expect((await put(reach, 'b', BYTES, uploader)).status).toBe(201);
  expect((await put(reach, 'c', BYTES, site.uploader)).status).toBe(403);
  await expect(dist.get('/healthz')).rejects.toThrow(/certificate/);
});

it('keeps the certificate that it has where the next one cannot be used, and says so once', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { lookEveryMs: 20 });
  await rm(join(site.tls, 'tls.key'));
  const said = () => site.said('Cannot use the certificate');
  await until('it is said', () => said().length === 1);
  expect((await dist.get('/healthz')).status).toBe(200);
  expect(said()).toEqual([
    expect.objectContaining({
      fields: { folder: site.tls, reason: 'tls.crt, tls.key and ca.crt are not all there' },
    }),
  ]);
});

it('closes what was opened by TLS under another CA, also in mid-upload, and nothing when a certificate is renewed', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { lookEveryMs: 20 });
  const agent = new SecureAgent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const put = async (file: string) => await dist.put(file, Buffer.from(file), { agent });
  expect((await put('a')).status).toBe(201);
  const uses = () => site.said('Uses a certificate').length;
  await certificateIn(site.tls, site.authority, 'server');
  await until('it uses the renewed one', () => uses() === 2);
  expect(await put('b')).toMatchObject({ status: 201, isReused: true });

  await halfAnUpload(dist, site, FILE, BYTES);
  await certificateIn(site.tls, site.authority, 'server', { ca: (await anAuthority()).certificate });
  await until('it believes another', () => uses() === 3);
  await until(
    'the upload is cut',
    () => site.said('An upload was cut, and nothing of it stays').length === 1,
  );
  expect(await put('c')).toMatchObject({ status: 403, isReused: false });
});

it('takes nothing more on a connection whose certificate has expired since', async () => {
  let now = Date.now();
  const site = await distSite();
  const dist = await startTestDist(site, { now: () => now });
  expect((await dist.put('a', BYTES)).status).toBe(201);
  now += 20 * 365 * 24 * 60 * 60_000;
  expect(await dist.put('b', BYTES)).toMatchObject({
    status: 403,
    text: 'The client certificate has expired since it was shown.\n',
  });
});

it('counts what has come of an upload once, so that nothing goes for it that need not', async () => {
  const folder = await scratchFolder();
  await run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', folder]);
  onTestFinished(async () => void (await run('umount', ['--lazy', folder])));
  const site = await distSite(folder);
  const dist = await startTestDist(site, { budgetBytes: 2 ** 40 });
  await dist.put('idle', Buffer.alloc(8 << 20, 1));
  await halfAnUpload(dist, site, 'half', Buffer.alloc(16 << 20, 2));
  const [part = ''] = await readdir(join(folder, '.incoming'));
  await until(
    'half of it is there',
    async () => (await stat(join(folder, '.incoming', part))).size >= 7 << 20,
  );
  expect((await dist.put('more', Buffer.alloc(12 << 20, 3))).status).toBe(201);
  expect((await dist.get(pathOf('idle'))).status).toBe(200);
});

it('without a certificate serves plain HTTP until there is one', async () => {
  const site = await distSite();
  const tls = join(site.folder, '../none');
  const dist = await startTestDist(site, { tls, lookEveryMs: 20 });
  expect((await dist.get('/healthz', { plain: true })).text).toBe('ok\n');
  await expect(dist.get('/healthz')).rejects.toThrow(/handshake/);
  await certificateIn(tls, site.authority, 'server');
  await until('it speaks TLS', async () => (await dist.get('/healthz')).status === 200);
});

it('on a disk that is full refuses a package and keeps nothing of it, and serves on', async () => {
  const folder = await scratchFolder();
  await run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', folder]);
  onTestFinished(async () => void (await run('umount', ['--lazy', folder])));
  const site = await distSite(folder);
  // Of the disk it would take more than there is.
  const dist = await startTestDist(site, { budgetBytes: 2 ** 40 });
  // More than a connection holds that nobody reads from.
  const kept = Buffer.alloc(24 << 20, 9);
  await dist.put('kept', kept);
  // While it is served, it cannot go for others.
  const reading = await begin(dist.port, 'kept');
  const filler = Buffer.alloc(20 << 20, 1);
  expect(await dist.put('large', filler)).toMatchObject({ status: 507 });
  expect(site.said('Has no room for a package')).toHaveLength(1);
  expect((await buffer(reading)).equals(kept)).toBe(true);

  // Somebody else fills the disk while a package comes.
  await halfAnUpload(dist, site, 'large', filler, async () => {
    await run('dd', ['if=/dev/zero', `of=${folder}/other`, 'bs=1M', 'count=64']).catch(() => undefined);
  });
  await until('it is refused', () => site.said('Refused a package for which there is no room').length === 2);
  expect(await readdir(join(folder, '.incoming'))).toEqual([]);
  await rm(join(folder, 'other'));
  // The one that was served is the least used now.
  expect((await dist.put('large', filler)).status).toBe(201);
  expect((await dist.get(pathOf('kept'))).status).toBe(404);
});

it('never removes what is being served', async () => {
  const site = await distSite();
  const dist = await startTestDist(site, { budgetBytes: 64 << 20 });
  const large = Buffer.alloc(40 << 20, 5);
  await dist.put('served', large);
  await dist.put('idle', Buffer.alloc(10 << 20, 6));
  const reading = await begin(dist.port, 'served');
  expect((await dist.put('more', Buffer.alloc(20 << 20, 7))).status).toBe(201);
  expect((await dist.put('too-much', Buffer.alloc(30 << 20, 8))).status).toBe(507);
  expect((await buffer(reading)).equals(large)).toBe(true);
  expect(site.said('Removed a package to make room').map(({ fields }) => fields['file'])).toEqual(['idle']);
});

it('serves many at once', async () => {
  const site = await distSite();
  const dist = await startTestDist(site);
  await dist.put(FILE, BYTES);
  const plains = Array.from({ length: 24 }, (_, index) => index % 2 === 0);
  const answers = await Promise.all(plains.map((plain) => dist.get(pathOf(FILE), { plain })));
  expect(answers.every(({ body }) => body.equals(BYTES))).toBe(true);
  const { text } = await clientOf(site, dist.running).get('/metrics');
  expect(text).toContain(`weka_dist_sent_bytes_total ${24 * BYTES.length}\n`);
  expect(text).toContain('weka_dist_requests_total{status="200"} 24\n');
});

async function begin(port: number, file: string): Promise<IncomingMessage> {
  const request = get({ host: '127.0.0.1', port, path: pathOf(file), agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function put(reach: Parameters<typeof ask>[0], file: string, body: Buffer, as: string) {
  const headers = { [DIGEST_HEADER]: sha256Of(body), 'content-length': `${body.length}` };
  return await ask(reach, { method: 'PUT', path: pathOf(file), body, headers, as });
}
