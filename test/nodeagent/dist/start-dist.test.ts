import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { DIGEST_HEADER } from '../../../schemas/drivers/uploaders.ts';
import { until } from '../../cluster/until.ts';
import { anAuthority, certificateIn } from './certificates.ts';
import { type DistSite, distSite, pathOf, sha256Of, startTestDist } from './dist-site.ts';
import { halfAnUpload } from './half-an-upload.ts';

const BYTES = Buffer.from('a package '.repeat(50_000));
const SHA256 = sha256Of(BYTES);
const FILE = '4.4.5-0123456789abcdef.tar.gz';

async function filesIn({ folder }: DistSite): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name !== '.used')
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();
}

describe('an upload', () => {
  it('is kept with its digest beside it, and served as it was', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);

    expect(await dist.put(FILE, BYTES)).toMatchObject({ status: 201, text: `${FILE} is here.\n` });

    expect(await filesIn(site)).toEqual([`drivers/${FILE}`, `drivers/${FILE}.sha256`]);
    expect(await readFile(join(site.folder, `drivers/${FILE}.sha256`), 'utf8')).toBe(`${SHA256}  ${FILE}\n`);
    for (const plain of [false, true]) {
      const { status, body, headers } = await dist.get(pathOf(FILE), { plain });
      expect({ status, same: body.equals(BYTES) }).toEqual({ status: 200, same: true });
      expect(headers).toMatchObject({
        etag: `"sha256-${SHA256}"`,
        'cache-control': 'public, max-age=31536000, immutable',
        'content-length': `${BYTES.length}`,
        'content-type': 'application/gzip',
        'accept-ranges': 'bytes',
        [DIGEST_HEADER]: SHA256,
      });
    }
    expect((await dist.get(pathOf(`${FILE}.sha256`))).text).toBe(`${SHA256}  ${FILE}\n`);
    expect(JSON.parse((await dist.get(pathOf('index.json'))).text)).toEqual({
      area: 'drivers',
      packages: [{ file: FILE, sha256: SHA256, bytes: BYTES.length }],
    });
    expect((await dist.get(pathOf(''))).text).toContain(`<a href="${FILE}">${FILE}</a>`);
  });

  it('of what is there already changes nothing, and of other bytes under its name is refused', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.put(FILE, BYTES);

    expect(await dist.put(FILE, BYTES)).toMatchObject({ status: 200 });
    expect(await dist.put(FILE, Buffer.from('another'))).toMatchObject({
      status: 409,
      text: `${FILE} is here with other bytes, of SHA-256 ${SHA256}.\n`,
    });

    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
    expect(site.said('Refused another package of the same name')).toHaveLength(1);
  });

  it('that does not have its digest leaves nothing', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const wrong = 'f'.repeat(64);

    expect(await dist.put(FILE, BYTES, { headers: { [DIGEST_HEADER]: wrong } })).toMatchObject({
      status: 422,
      text: `What was sent as ${FILE} has SHA-256 ${SHA256}, and not ${wrong}.\n`,
    });

    expect(await filesIn(site)).toEqual([]);
    expect((await dist.get(pathOf(FILE))).status).toBe(404);
    expect(site.said('Refused a package that does not have its digest')).toEqual([
      expect.objectContaining({ fields: expect.objectContaining({ sha256: wrong, has: SHA256 }) }),
    ]);
  });

  it.each<readonly [string, Readonly<Record<string, string>>, number]>([
    ['without a digest', { [DIGEST_HEADER]: '' }, 400],
    ['with something that is no digest', { [DIGEST_HEADER]: SHA256.toUpperCase() }, 400],
    ['of nothing', { 'content-length': '0' }, 400],
    ['of more than a package may have', { 'content-length': `${2 ** 30 + 1}` }, 413],
  ])('%s is refused before it is read', async (_what, headers, status) => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const body = headers['content-length'] === undefined ? BYTES : Buffer.alloc(0);
    expect((await dist.put(FILE, body, { headers })).status).toBe(status);
    expect(await filesIn(site)).toEqual([]);
  });

  it('is refused for the names that the service gives itself', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    for (const name of [`${FILE}.sha256`, 'index.json', '']) {
      expect((await dist.put(name, BYTES)).status).toBe(400);
    }
    expect(await filesIn(site)).toEqual([]);
  });

  it('by two at once of the same thing comes to one package, and both are told that it is there', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const big = Buffer.alloc(8 << 20, 7);
    const answers = await Promise.all([dist.put(FILE, big), dist.put(FILE, big)]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 201]);
    expect(await filesIn(site)).toEqual([`drivers/${FILE}`, `drivers/${FILE}.sha256`]);
    expect((await dist.get(pathOf(FILE))).body.equals(big)).toBe(true);
  });

  it('by two at once of different things under one name is taken from one of them', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const both = [Buffer.alloc(4 << 20, 1), Buffer.alloc(4 << 20, 2)];
    const answers = await Promise.all(both.map((bytes) => dist.put(FILE, bytes)));
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([201, 409]);
    const kept = both[answers.findIndex(({ status }) => status === 201)]!;
    expect((await dist.get(pathOf(FILE))).body.equals(kept)).toBe(true);
  });

  it('that is cut leaves nothing', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    const cut = await halfAnUpload(dist, site, FILE, BYTES);
    expect(await filesIn(site)).toHaveLength(1);
    cut();
    await until('it is noticed', () => site.said('An upload was cut, and nothing of it stays').length === 1);
    expect(await filesIn(site)).toEqual([]);
    expect((await dist.put(FILE, BYTES)).status).toBe(201);
  });
});

describe('whoever uploads', () => {
  it('has to speak TLS', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    expect(await dist.put(FILE, BYTES, { plain: true })).toMatchObject({
      status: 403,
      text: 'Uploads take TLS, with a client certificate.\n',
    });
    expect(await filesIn(site)).toEqual([]);
  });

  it.each([
    ['no certificate', async () => undefined, 'Uploads take a client certificate, and none was shown.'],
    [
      'one of another CA',
      async ({ folder }: DistSite) =>
        await certificateIn(join(folder, '../other'), await anAuthority(), 'upload'),
      'The client certificate is not valid for this service: CERT_SIGNATURE_FAILURE.',
    ],
    [
      'one that has expired',
      async ({ folder, authority }: DistSite) =>
        await certificateIn(join(folder, '../old'), authority, 'upload', { now: new Date('2020-01-01') }),
      'The client certificate is not valid for this service: CERT_HAS_EXPIRED.',
    ],
    [
      'that of a server',
      async ({ tls }: DistSite) => tls,
      'The client certificate is not valid for this service: INVALID_PURPOSE.',
    ],
  ])('with %s is refused, and the log says so', async (_what, certificate, reason) => {
    const site = await distSite();
    const dist = await startTestDist(site);
    expect(await dist.put(FILE, BYTES, { as: await certificate(site) })).toMatchObject({
      status: 403,
      text: `${reason}\n`,
    });
    expect(site.said('Refused an upload')).toEqual([
      expect.objectContaining({ fields: { area: 'drivers', file: FILE, from: '127.0.0.1', reason } }),
    ]);
    expect(await filesIn(site)).toEqual([]);
    // To read, nobody needs one.
    expect((await dist.get('/healthz', { as: await certificate(site) })).text).toBe('ok\n');
  });
});

describe('a request', () => {
  it('gets the part that it asks for', async () => {
    const dist = await startTestDist(await distSite());
    await dist.put(FILE, BYTES);
    const part = async (range: string, more = {}) =>
      await dist.get(pathOf(FILE), { headers: { range, ...more } });

    const middle = await part('bytes=100000-300001');
    expect(middle).toMatchObject({
      status: 206,
      headers: { 'content-range': `bytes 100000-300001/${BYTES.length}`, 'content-length': '200002' },
    });
    expect(middle.body.equals(BYTES.subarray(100_000, 300_002))).toBe(true);
    const rest = await part('bytes=499990-');
    expect(rest.text).toBe('a package ');
    expect(await part(`bytes=${BYTES.length}-`)).toMatchObject({
      status: 416,
      headers: { 'content-range': `bytes */${BYTES.length}` },
    });
    expect((await part('bytes=1-2', { 'if-range': '"sha256-other"' })).status).toBe(200);
    expect((await part('bytes=1-2', { 'if-range': `"sha256-${SHA256}"` })).status).toBe(206);
  });

  it('is told that nothing is new, or that it is not what it thinks', async () => {
    const dist = await startTestDist(await distSite());
    await dist.put(FILE, BYTES);
    const tag = `"sha256-${SHA256}"`;
    const with304 = await dist.get(pathOf(FILE), { headers: { 'if-none-match': `"x", W/${tag}` } });
    expect(with304).toMatchObject({ status: 304, text: '', headers: { etag: tag } });
    expect((await dist.get(pathOf(FILE), { headers: { 'if-match': '"x"' } })).status).toBe(412);
    expect((await dist.get(pathOf(FILE), { headers: { 'if-match': tag } })).status).toBe(200);
  });

  it('by HEAD gets all but the bytes', async () => {
    const dist = await startTestDist(await distSite());
    await dist.put(FILE, BYTES);
    for (const path of [FILE, `${FILE}.sha256`, 'index.json', '', 'none']) {
      const { status, headers, body } = await dist.get(pathOf(path), { method: 'HEAD' });
      const full = await dist.get(pathOf(path));
      expect({ status, length: headers['content-length'], bytes: body.length }).toEqual({
        status: full.status,
        length: `${full.body.length}`,
        bytes: 0,
      });
    }
  });

  it('never leads out of the folder', async () => {
    const site = await distSite();
    await writeFile(join(site.folder, 'secret'), 'not for you');
    await mkdir(join(site.folder, 'drivers/deep'), { recursive: true });
    await writeFile(join(site.folder, 'drivers/deep/secret'), 'not for you');
    await writeFile(join(site.folder, 'drivers/.hidden'), 'not for you');
    await symlink('/etc/passwd', join(site.folder, 'drivers/passwd'));
    const dist = await startTestDist(site);
    const targets = [
      '/dist/v1/drivers/../secret',
      '/dist/v1/drivers/..%2fsecret',
      '/dist/v1/drivers/%2e%2e/secret',
      '/dist/v1/drivers/%2e%2e%2fsecret',
      '/dist/v1/drivers/..%5csecret',
      '/dist/v1/drivers/%00secret',
      '/dist/v1/drivers//etc/passwd',
      '/dist/v1/drivers/%2fetc%2fpasswd',
      '/dist/v1/drivers/deep/secret',
      '/dist/v1/drivers/deep',
      '/dist/v1/drivers/.hidden',
      '/dist/v1/drivers/passwd',
      '/dist/v1/drivers/..',
      '/dist/v1/drivers/%',
      '/dist/v1/../../etc/passwd',
      '/dist/v1/other/x',
      '/dist/v1/drivers',
      '/etc/passwd',
      '*',
      'http://other/dist/v1/drivers/../secret',
    ];
    for (const path of targets) {
      for (const plain of [true, false]) {
        const { status, text } = await dist.get(path, { plain });
        expect({ path, status, isSecret: /not for you|root:/.test(text) }).toEqual({
          path,
          status: 404,
          isSecret: false,
        });
      }
      // Names that a package may have.
      if (/\/(deep|passwd)$/.test(path)) continue;
      const put = await dist.put('x', BYTES, { path });
      expect({ path, status: put.status }).toEqual({ path, status: expect.toBeOneOf([404, 400]) });
    }
    const before = await readFile('/etc/passwd');
    expect((await dist.put('passwd', BYTES)).status).toBe(201);
    expect(await readFile('/etc/passwd')).toEqual(before);
    expect(await readFile(join(site.folder, 'secret'), 'utf8')).toBe('not for you');
  });

  it('is never answered from a folder that somewhere else is linked to', async () => {
    const site = await distSite();
    await symlink('/etc', join(site.folder, 'release'));
    await expect(startTestDist(site)).rejects.toMatchObject({ code: 'DIST_FOLDER' });
  });

  it('of another method is refused', async () => {
    const dist = await startTestDist(await distSite());
    for (const method of ['DELETE', 'POST', 'PATCH', 'OPTIONS', 'TRACE']) {
      expect(await dist.get(pathOf(FILE), { method })).toMatchObject({
        status: 405,
        headers: { allow: 'GET, HEAD, PUT' },
      });
    }
  });

  it('that is none at all closes its connection, and others are answered', async () => {
    const dist = await startTestDist(await distSite());
    for (const bytes of ['\x16\x03\x01garbage that is no handshake at all', 'GET\r\n\r\n', '\0\0\0\0']) {
      const socket = connect(dist.port, '127.0.0.1');
      socket.end(bytes);
      await text(socket).catch(() => '');
    }
    expect((await dist.get('/healthz')).text).toBe('ok\n');
  });
});

describe('what is on the disk at the start', () => {
  async function withPackage(): Promise<DistSite> {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.put(FILE, BYTES);
    await dist.put('other.tar.gz', Buffer.from('whole'));
    await dist.running.stop(0);
    return site;
  }

  it('is served again', async () => {
    const site = await withPackage();
    const dist = await startTestDist(site);
    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
  });

  it('is dropped where it has rotted, and the log says so', async () => {
    const site = await withPackage();
    const rotted = Buffer.from(BYTES);
    rotted[1234]! ^= 1;
    await writeFile(join(site.folder, `drivers/${FILE}`), rotted);
    const dist = await startTestDist(site);

    expect((await dist.get(pathOf(FILE))).status).toBe(404);
    expect((await dist.get(pathOf('other.tar.gz'))).text).toBe('whole');
    await until('it is said', () => site.said('Dropped a package that has rotted').length === 1);
    expect(site.said('Dropped a package that has rotted')).toEqual([
      expect.objectContaining({
        fields: {
          area: 'drivers',
          file: FILE,
          sha256: SHA256,
          bytes: BYTES.length,
          found: sha256Of(rotted),
        },
      }),
    ]);
    expect(await filesIn(site)).toEqual(['drivers/other.tar.gz', 'drivers/other.tar.gz.sha256']);
  });

  it('is dropped where it has rotted even if nobody asks for it', async () => {
    const site = await withPackage();
    await writeFile(join(site.folder, `drivers/${FILE}`), BYTES.subarray(1));
    await startTestDist(site);
    await until('it is dropped', () => site.said('Dropped a package that has rotted').length === 1);
  });

  it('is replaced by an upload where it has rotted since', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.put(FILE, BYTES);
    await writeFile(join(site.folder, `drivers/${FILE}`), BYTES.subarray(1));
    expect((await dist.put(FILE, BYTES)).status).toBe(201);
    expect((await dist.get(pathOf(FILE))).body.equals(BYTES)).toBe(true);
  });

  it('is taken in where somebody has put it there, before the start or after it', async () => {
    const site = await distSite();
    await mkdir(join(site.folder, 'release'), { recursive: true });
    await writeFile(join(site.folder, 'release/4.4.5.spec'), 'spec');
    const dist = await startTestDist(site);
    expect((await dist.get('/dist/v1/release/4.4.5.spec')).text).toBe('spec');
    await writeFile(join(site.folder, 'release/4.4.6.spec'), 'newer');
    expect((await dist.get('/dist/v1/release/4.4.6.spec.sha256')).text).toContain(
      sha256Of(Buffer.from('newer')),
    );
  });

  it('is removed where it is only a part, or a digest without a file', async () => {
    const site = await distSite();
    await mkdir(join(site.folder, '.incoming'), { recursive: true });
    await mkdir(join(site.folder, 'drivers'), { recursive: true });
    await writeFile(join(site.folder, '.incoming/part'), 'half of');
    await writeFile(join(site.folder, `drivers/${FILE}.sha256`), `${SHA256}  ${FILE}\n`);
    const dist = await startTestDist(site);
    expect(await filesIn(site)).toEqual([]);
    expect((await dist.put(FILE, BYTES)).status).toBe(201);
  });
});

describe('the budget', () => {
  it('is kept by removing what was not asked for longest', async () => {
    const site = await distSite();
    const dist = await startTestDist(site, { budgetBytes: 300_000 });
    const of = (byte: number) => Buffer.alloc(100_000, byte);
    await dist.put('a', of(1));
    await dist.put('b', of(2));
    await dist.put('c', of(3));
    await dist.get(pathOf('a'));
    await dist.put('d', of(4));

    expect((await dist.get(pathOf('b'))).status).toBe(404);
    for (const name of ['a', 'c', 'd']) expect((await dist.get(pathOf(name))).status).toBe(200);
    expect(site.said('Removed a package to make room').map(({ fields }) => fields['file'])).toEqual(['b']);
  });

  it('goes by the order of use and by no clock, over a restart too', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    for (const name of ['a', 'b', 'c']) await dist.put(name, Buffer.alloc(100_000, name));
    await dist.get(pathOf('a'));
    await dist.running.stop(0);
    // As a clock that was set would have it.
    for (const [name, year] of Object.entries({ a: 2020, b: 2022, c: 2021 })) {
      await utimes(join(site.folder, 'drivers', name), new Date(`${year}`), new Date(`${year}`));
    }
    const again = await startTestDist(site, { budgetBytes: 300_000 });
    await again.put('d', Buffer.alloc(100_000, 'd'));
    await again.running.stop(0);
    await startTestDist(site, { budgetBytes: 100_000 });
    expect(removed(site)).toEqual(['b', 'c', 'a']);
  });

  it('takes what was put there while it was away for the newest, by its time', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    await dist.put('a', Buffer.alloc(100_000, 'a'));
    await dist.running.stop(0);
    for (const [name, year] of Object.entries({ b: 2022, c: 2021 })) {
      await writeFile(join(site.folder, 'drivers', name), Buffer.alloc(100_000, name));
      await utimes(join(site.folder, 'drivers', name), new Date(`${year}`), new Date(`${year}`));
    }
    await startTestDist(site, { budgetBytes: 100_000 });
    expect(removed(site)).toEqual(['a', 'c']);
  });

  it('has the order of use on the disk soon after, so that it outlives being killed', async () => {
    const site = await distSite();
    const dist = await startTestDist(site);
    for (const name of ['a', 'b']) await dist.put(name, Buffer.alloc(100_000, name));
    await dist.get(pathOf('a'));
    const noted = async () => await readFile(join(site.folder, '.used'), 'utf8').catch(() => '');
    await until('it is there', async () => (await noted()) === 'drivers/b\ndrivers/a\n');
  });

  it('takes nothing away for what does not fit at all', async () => {
    const site = await distSite();
    const dist = await startTestDist(site, { budgetBytes: 100_000 });
    await dist.put('a', Buffer.alloc(60_000));
    expect(await dist.put('b', BYTES)).toMatchObject({
      status: 507,
      text: 'There is no room for the 500000 bytes of b.\n',
    });
    expect((await dist.get(pathOf('a'))).status).toBe(200);
  });
});

function removed(site: DistSite): readonly unknown[] {
  return site.said('Removed a package to make room').map(({ fields }) => fields['file']);
}
