import { readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CommitSha, Repository } from '../../../../../reconciler/ports.ts';
import type { GitConfig } from '../../../../../reconciler/world/git/git-config.ts';
import { openRepository } from '../../../../../reconciler/world/git/repository.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import type { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer, type GitServer } from '../../../../support/git-server.ts';
import { failure, thrown, told } from '../failure.ts';

let server: GitServer;
let origin: GitRepository;
let folder: string;
let count = 0;

beforeAll(async () => {
  server = await startGitServer();
});
afterAll(() => server.stop());
beforeEach(async () => {
  origin = await server.createRepository(`cached-${++count}`);
  folder = await scratchFolder();
});

function open(rest: Partial<GitConfig> = {}): Repository {
  return openRepository({ url: origin.url, ref: 'main', path: '', cacheDir: join(folder, 'cache'), ...rest });
}

async function clone(): Promise<string> {
  const names = await readdir(join(folder, 'cache'));
  expect(names).toHaveLength(1);
  return join(join(folder, 'cache'), names[0]!);
}

async function packs(ending: '.pack' | '.idx'): Promise<string[]> {
  const packFolder = join(await clone(), 'objects', 'pack');
  return (await readdir(packFolder))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(packFolder, name));
}

/** Requests for packs since the start of the test. */
function fetches(): number {
  return server.requests.filter(
    ({ method, url }) => method === 'POST' && url.startsWith(`/cached-${count}.git/`),
  ).length;
}

const MANIFESTS = { 'a.yaml': `a: ${'1234567890'.repeat(50)}\n`, 'b/c.yaml': 'c: 1\n' };

describe('a clone that is damaged', () => {
  const damages: Readonly<Record<string, (pack: string, index: string) => Promise<void>>> = {
    'a pack cut short': (pack) => truncate(pack, 60),
    'a pack with other bytes in it': async (pack) => {
      const bytes = await readFile(pack);
      bytes.fill(0x55, 40, bytes.length - 20);
      await rm(pack);
      await writeFile(pack, bytes);
    },
    'an index cut short': (_pack, index) => truncate(index, 500),
    'an index with other bytes in it': async (_pack, index) => {
      const bytes = await readFile(index);
      bytes.fill(0x11, 1040, bytes.length - 40);
      await rm(index);
      await writeFile(index, bytes);
    },
    'an empty index': (_pack, index) => truncate(index, 0),
    'a pack that is gone': (pack) => rm(pack),
    'an index that is gone': (_pack, index) => rm(index),
  };

  it.each(Object.entries(damages))('%s is made anew', async (_what, damage) => {
    const commit = await origin.commit(MANIFESTS);
    await open().read();
    await damage((await packs('.pack'))[0]!, (await packs('.idx'))[0]!);

    const snapshot = await open().read();
    expect(snapshot.commit).toBe(commit);
    expect(snapshot.files.map(({ path }) => path)).toEqual(['a.yaml', 'b/c.yaml']);
    expect(fetches()).toBe(2);
    expect(await runGit(await clone(), ['fsck', '--strict'])).toBe('');
  });

  it('is made anew though the new commit is small', async () => {
    await origin.commit(MANIFESTS);
    const first = await open().read();
    await truncate((await packs('.pack'))[0]!, 60);
    const commit = await origin.commit({ 'd.yaml': 'd: 1\n' });

    const second = await open().read(first.commit);
    expect(second.commit).toBe(commit);
    expect(second.files).toHaveLength(3);
  });

  it('is never taken for a history that was rewritten', async () => {
    const old = (await origin.commit(MANIFESTS)) as CommitSha;
    await origin.commit({ 'd.yaml': 'd: 1\n' });
    const repository = open();
    await repository.read();
    for (const what of [await clone(), ...(await packs('.idx')), ...(await packs('.pack'))]) {
      await rm(what, { recursive: true, force: true });
      expect((await repository.read(old)).files).toHaveLength(3);
    }
  });

  it('is no clone at all', async () => {
    await origin.commit(MANIFESTS);
    await open().read();
    const path = await clone();
    await rm(path, { recursive: true });
    await writeFile(path, 'not a folder');

    expect((await open().read()).files).toHaveLength(2);
  });
});

describe('an answer that is damaged', () => {
  it.each([100, 300])('and ends after %i bytes leaves the clone as it was', async (bytes) => {
    await origin.commit(MANIFESTS);
    const repository = open();
    const first = await repository.read();
    const before = await packs('.pack');
    const second = await origin.commit({
      'd.yaml': `d: ${Math.random()}${'x'.repeat(100)}${Math.random()}\n`,
    });
    const quiet = server.onRequest(({ method, url }) =>
      method === 'POST' && url.startsWith(`/cached-${count}.git/`) ? { cutResponseAfter: bytes } : undefined,
    );

    const error = await thrown(repository.read(first.commit));
    expect(told(error)).toMatch(/^REPOSITORY_UNREACHABLE: .* the connection was cut\./);
    expect(error.retry).toBe('next-pass');
    expect(await readdir(join(await clone(), 'objects', 'pack'))).toHaveLength(2 * before.length);
    quiet();
    expect((await repository.read(first.commit)).commit).toBe(second);
  });

  it('leaves nothing behind of a first clone', async () => {
    await origin.commit(MANIFESTS);
    const quiet = server.onRequest(({ method, url }) =>
      method === 'POST' && url.startsWith(`/cached-${count}.git/`) ? { cutResponseAfter: 200 } : undefined,
    );

    expect(await failure(open().read())).toContain('the connection was cut');
    quiet();
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });
});

describe('growth', () => {
  it('is ended by a new clone after so many packs', async () => {
    await origin.commit(MANIFESTS);
    const repository = open({ limits: { packs: 4 } });
    let { commit } = await repository.read();
    for (let index = 0; index < 4; index++) {
      await origin.commit({ 'd.yaml': `d: ${index}\n` });
      ({ commit } = await repository.read(commit));
    }
    expect(await packs('.pack')).toHaveLength(1);
    expect(await readdir(join(folder, 'cache'))).toHaveLength(1);
    expect((await repository.read(commit)).files).toHaveLength(3);
  });

  it('does not come from processes that died', async () => {
    await origin.commit(MANIFESTS);
    const repository = open();
    const { commit } = await repository.read();
    const path = await clone();
    const left = [`${path}.4711-abc`, join(path, 'objects', 'pack', 'incoming-4711-abc')];
    const young = join(path, 'objects', 'pack', 'incoming-4712-abc');
    const longAgo = new Date(Date.now() - 2 * 60 * 60_000);
    for (const name of [...left, young]) await writeFile(name, 'half a pack');
    for (const name of left) await utimes(name, longAgo, longAgo);

    await origin.commit({ 'd.yaml': 'd: 1\n' });
    await repository.read(commit);
    await open({ limits: { packs: 1 } }).read();
    await origin.commit({ 'd.yaml': 'd: 2\n' });
    await open({ limits: { packs: 1 } }).read();
    await expect(stat(left[0]!)).rejects.toThrow('ENOENT');
    await expect(stat(left[1]!)).rejects.toThrow('ENOENT');
  });
});

describe('several at once on one cache', () => {
  it('all read the first clone', async () => {
    const commit = await origin.commit(MANIFESTS);
    const snapshots = await Promise.all(Array.from({ length: 6 }, () => open().read()));

    expect(snapshots.map((snapshot) => [snapshot.commit, snapshot.files.length])).toEqual(
      snapshots.map(() => [commit, 2]),
    );
    expect(await runGit(await clone(), ['fsck', '--strict'])).toBe('');
  });

  it('all see what comes later, while the clone is replaced under them', async () => {
    await origin.commit(MANIFESTS);
    // One of them makes a new clone at every change.
    const readers = [open(), open(), open({ limits: { packs: 1 } }), open({ limits: { packs: 1 } })];
    let { commit } = await readers[0]!.read();
    for (let index = 0; index < 8; index++) {
      const next = await origin.commit({ 'd.yaml': `d: ${index}\n` });
      const snapshots = await Promise.all(readers.map((reader) => reader.read(commit)));
      expect(snapshots.map((snapshot) => snapshot.commit)).toEqual(readers.map(() => next));
      commit = snapshots[0]!.commit;
    }
    expect(await readdir(join(folder, 'cache'))).toHaveLength(1);
  });
});

describe('a cache folder that cannot be used', () => {
  it('is named, with what to do', async () => {
    await origin.commit(MANIFESTS);
    await writeFile(join(folder, 'cache'), 'a file');

    const error = await thrown(open().read());
    expect(error).toMatchObject({ code: 'REPOSITORY_CACHE', retry: 'next-pass' });
    expect(error.message).toMatch(
      /^The clone in .*\/cache\/cached-.* cannot be used: a part of its path is a file\.$/,
    );
    expect(error.hint).toBe(
      'Make room or mend its permissions, or set cacheDir to another folder; it can be deleted at any time.',
    );
  });
});
