import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { until } from '../cluster/until.ts';
import { runGit } from './git-command.ts';
import { startGitServer, type GitServer } from './git-server.ts';
import { scratchFolder } from '../cluster/scratch.ts';

const server = await startGitServer({ users: { ada: 'pass:word' }, readers: { bob: 'reads' } });
const folder = await scratchFolder(afterAll);
afterAll(() => server.stop());

let made = 0;
const fresh = () => `repository-${made++}`;
const as = (login: string, url: string) => url.replace('//', `//${login}@`);
const clone = (url: string, args: readonly string[] = []) =>
  runGit(folder, ['clone', '--quiet', ...args, url, fresh()]);
const ADA = 'ada:pass%3Aword';

describe('a test repository', () => {
  it('is committed to, rewritten, branched and tagged', async () => {
    const origin = await server.createRepository(fresh());
    const first = await origin.commit(
      { 'a.yaml': 'a\n', 'dir/b "q" é.yaml': 'b\n', gone: 'x' },
      { message: 'One' },
    );
    const second = await origin.commit(
      { gone: null, link: { symlink: '../outside' }, sub: { submodule: first }, raw: Uint8Array.of(0, 255) },
      { message: 'Two', author: 'Grace <grace@example.com>' },
    );
    await origin.branch('release', first);
    await origin.tag('v1', { at: first, message: 'First' });

    const rows = (await origin.git(['ls-tree', '-r', '-z', 'main'])).split('\0').filter(Boolean);
    expect(rows.map((row) => row.replace(/ .*\t/, ' '))).toEqual([
      '100644 a.yaml',
      '100644 dir/b "q" é.yaml',
      '120000 link',
      '100644 raw',
      '160000 sub',
    ]);
    expect(await origin.git(['log', '--format=%an: %s'])).toBe('Grace: Two\nAda Author: One');
    expect(await origin.resolve('v1')).toBe(first);
    expect(await origin.resolve('release')).toBe(first);
    expect(await origin.resolve('nothing')).toBeUndefined();

    const rewritten = await origin.rewrite({ other: 'y' }, { message: 'Three' });
    expect(rewritten).not.toBe(second);
    expect(await origin.git(['log', '--format=%s'])).toBe('Three\nOne');
    await origin.commit({ anew: 'z' }, { onto: null });
    expect(await origin.git(['rev-list', '--count', 'main'])).toBe('1');
  });
});

describe('the git server', () => {
  it('is cloned from and pushed to by the git program', async () => {
    const origin = await server.createRepository(fresh());
    await origin.commit({ a: 'a' });
    const name = fresh();
    await runGit(folder, ['clone', '--quiet', as(ADA, origin.url), name]);
    await runGit(join(folder, name), ['commit', '--quiet', '--allow-empty', '--message', 'Pushed']);
    await runGit(join(folder, name), ['push', '--quiet', 'origin', 'main']);
    expect(await origin.git(['log', '--format=%s'])).toBe('Pushed\nChange');
  });

  it('asks who it is, and lets readers only read', async () => {
    const origin = await server.createRepository(fresh());
    await origin.commit({ a: 'a' });
    await expect(clone(origin.url)).rejects.toThrow('could not read Username');
    await expect(clone(as('ada:wrong', origin.url))).rejects.toThrow('Authentication failed');
    await clone(as('bob:reads', origin.url));
    await expect(origin.git(['push', as('bob:reads', origin.url), 'main:other'])).rejects.toThrow('403');
    const { status } = await fetch(`${origin.url}/info/refs?service=git-upload-pack`, {
      headers: { authorization: 'Bearer pass:word' },
    });
    expect(status).toBe(200);
  });

  it('keeps a log', async () => {
    const name = fresh();
    const origin = await server.createRepository(name);
    await origin.commit({ a: 'a' });
    await clone(as(ADA, origin.url));
    const requests = server.requests.filter(({ url }) => url.startsWith(`/${name}.git/`));
    expect(requests).toMatchObject([
      { method: 'GET', url: `/${name}.git/info/refs?service=git-upload-pack`, status: 401, user: undefined },
      { method: 'GET', url: `/${name}.git/info/refs?service=git-upload-pack`, status: 200, user: 'ada' },
      { method: 'POST', url: `/${name}.git/git-upload-pack`, status: 200 },
      { method: 'POST', url: `/${name}.git/git-upload-pack`, status: 200 },
    ]);
    expect(requests.at(-1)!.uploaded).toBeGreaterThan(0);
    expect(requests.at(-1)!.downloaded).toBeGreaterThan(0);
  });

  it('speaks TLS with a certificate of its own authority', async () => {
    const secure = await startGitServer({ tls: true });
    try {
      const origin = await secure.createRepository('secure');
      await origin.commit({ a: 'a' });
      await expect(clone(origin.url)).rejects.toThrow('certificate');
      await writeFile(join(folder, 'ca.pem'), secure.ca);
      await clone(origin.url, ['--config', `http.sslCAInfo=${join(folder, 'ca.pem')}`]);
    } finally {
      await secure.stop();
    }
  });
});

describe('trouble', () => {
  /** A server of its own, so that no other test is troubled. */
  async function troubled(use: (troubled: GitServer) => Promise<void>): Promise<void> {
    const own = await startGitServer();
    try {
      await use(own);
    } finally {
      await own.stop();
    }
  }

  it('is a refusal', () =>
    troubled(async (own) => {
      const origin = await own.createRepository('refused');
      const remove = own.onRequest(() => ({ refuse: 503, body: 'Later.' }));
      await expect(clone(origin.url)).rejects.toThrow('503');
      remove();
      await clone(origin.url);
    }));

  it('is a connection that ends within the answer, or within the request', () =>
    troubled(async (own) => {
      const origin = await own.createRepository('cut');
      await origin.commit({ a: 'a'.repeat(10_000) });
      const stopCutting = own.onRequest(() => ({ cutResponseAfter: 100 }));
      await expect(clone(origin.url)).rejects.toThrow('git clone');
      stopCutting();
      own.onRequest(({ method }) => (method === 'POST' ? { cutRequestAfter: 10 } : undefined));
      await expect(origin.git(['push', origin.url, 'main:other'])).rejects.toThrow('git push');
      expect(await origin.resolve('other')).toBeUndefined();
    }));

  it('is a delay, as long as the hook waits', () =>
    troubled(async (own) => {
      const origin = await own.createRepository('slow');
      const { promise, resolve } = Promise.withResolvers<undefined>();
      own.onRequest(() => promise);
      const cloning = clone(origin.url);
      await until('a request waits', () => own.requests.length > 0);
      expect(own.requests[0]!.status).toBeUndefined();
      resolve(undefined);
      await cloning;
    }));
});

describe('a stopped server', () => {
  it('has ended its processes and deleted its files, even midway', async () => {
    const own = await startGitServer();
    const origin = await own.createRepository('left');
    await origin.commit({ a: 'a' });
    await origin.installHook('pre-receive', `echo $$ > ${origin.path}/pid; exec sleep 600`);
    const pushing = origin.git(['push', origin.url, 'main:other']).catch(String);
    const pid = await until(
      'the hook runs',
      async () => Number(await readFile(`${origin.path}/pid`, 'utf8')) || false,
    );

    await own.stop();
    expect(await pushing).toContain('hung up');
    await until('the hook has ended', () => !isAlive(pid));
    expect(await stat(origin.path).catch(() => undefined)).toBeUndefined();
    expect(await readdir(tmpdir())).not.toContain(origin.path.split('/').at(-2));
    await expect(fetch(own.url)).rejects.toThrow('fetch failed');
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
