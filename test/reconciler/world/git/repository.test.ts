import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommitSha, Repository, Snapshot } from '../../../../reconciler/ports.ts';
import type { GitConfig } from '../../../../reconciler/world/git/git-config.ts';
import { openRepository } from '../../../../reconciler/world/git/repository.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';
import { runGit } from '../../../support/git-command.ts';
import type { GitRepository } from '../../../support/git-repository.ts';
import { startGitServer, type GitServer } from '../../../support/git-server.ts';
import { expectNoSecret, failure, thrown } from './failure.ts';

let server: GitServer;
let count = 0;

beforeAll(async () => {
  server = await startGitServer();
});
afterAll(() => server.stop());

interface Fixture {
  readonly origin: GitRepository;
  readonly cacheDir: string;
  open(rest?: Partial<GitConfig>): Repository;
  /** Requests for this repository since the last call: `GET info/refs`, `POST git-upload-pack`. */
  requests(): string[];
  downloaded(): number;
}

async function fixture(): Promise<Fixture> {
  const name = `specs-${++count}`;
  const origin = await server.createRepository(name);
  const cacheDir = await scratchFolder();
  const mine = () => server.requests.filter(({ url }) => url.startsWith(`/${name}.git/`));
  let seen = 0;
  return {
    origin,
    cacheDir,
    open: (rest = {}) => openRepository({ url: origin.url, ref: 'main', path: '', cacheDir, ...rest }),
    requests() {
      const fresh = mine().slice(seen);
      seen += fresh.length;
      return fresh.map(({ method, url }) => `${method} ${url.slice(`/${name}.git/`.length).split('?')[0]}`);
    },
    downloaded: () => mine().reduce((sum, { downloaded }) => sum + downloaded, 0),
  };
}

function contents({ files }: Snapshot): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content).toString()]));
}

describe('what tip() gave, handed on to read()', () => {
  it('is read without another listing', async () => {
    const { origin, open, requests } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });
    const repository = open();
    const seen = await repository.tip();
    requests();

    expect((await repository.read(undefined, seen)).commit).toBe(commit);
    expect(requests()).toEqual(['POST git-upload-pack']);
  });

  it('is read as it was, though the branch has moved on', async () => {
    const { origin, open } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });
    const repository = open();
    const seen = await repository.tip();
    await origin.commit({ 'a.yaml': 'a: 2\n' });

    expect((await repository.read(undefined, seen)).commit).toBe(commit);
  });

  it('gives way to the branch as it is where the server has lost it', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    const repository = open();
    const seen = await repository.tip();
    const rewritten = await origin.rewrite({ 'a.yaml': 'a: 2\n' });
    await origin.git(['gc', '--prune=now', '--quiet']);

    expect((await repository.read(undefined, seen)).commit).toBe(rewritten);
  });

  it('is listed anew where it is not what tip() gave', async () => {
    const { origin, open, requests } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });

    expect((await open().read(undefined, commit as CommitSha)).commit).toBe(commit);
    expect(requests()).toEqual(['GET info/refs', 'POST git-upload-pack']);
  });
});

describe('tip', () => {
  it('is one request', async () => {
    const { origin, open, requests } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });

    expect(await open().tip()).toBe(commit);
    expect(requests()).toEqual(['GET info/refs']);
  });

  it('follows a branch, a tag, an annotated tag and a full ref', async () => {
    const { origin, open } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.tag('light');
    await origin.tag('heavy', { message: 'Release' });
    await origin.commit({ 'a.yaml': 'a: 2\n' });
    await origin.branch('release/1', commit);

    for (const ref of [
      'release/1',
      'light',
      'heavy',
      'refs/tags/heavy',
      'refs/heads/release/1',
      'tags/light',
    ]) {
      expect([ref, await open({ ref }).tip()]).toEqual([ref, commit]);
    }
  });

  it('asks nobody about a commit that is configured by its name', async () => {
    const { origin, open, requests } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });

    expect(await open({ ref: commit.toUpperCase() }).tip()).toBe(commit);
    expect(requests()).toEqual([]);
  });

  it('names the branch that was probably meant', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'a.yaml': 'a: 1\n' }, { branch: 'production' });
    await origin.commit({ 'a.yaml': 'a: 1\n' });

    expect(await failure(open({ ref: 'prodution' }).tip())).toBe(
      `REF_NOT_FOUND: ${origin.url.replace(/127\.0\.0\.1:\d+/, 'SERVER')} has no branch or tag prodution.\n` +
        '  hint: Did you mean production? It has main, production.',
    );
  });

  it('says so when there is no branch at all', async () => {
    const { open } = await fixture();
    expect(await failure(open().tip())).toMatch(
      /^REF_NOT_FOUND: .* has no branch or tag main\.\n {2}hint: It has no branch yet\.$/,
    );
  });
});

describe('what a server says in its own words', () => {
  it('is passed on without credentials and control characters, cut short', async () => {
    const { origin, open } = await fixture();
    const words = `ERR user ada with s3cr3t-t0ken\u001b[31m is over quota ${'x'.repeat(1_000)}\n`;
    const frame = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
    const quiet = server.onRequest(({ url }) =>
      origin.url.endsWith(url.split('/info')[0] ?? '')
        ? {
            refuse: 200,
            body: frame(words),
            headers: { 'content-type': 'application/x-git-upload-pack-advertisement' },
          }
        : undefined,
    );
    const error = await thrown(open({ token: 's3cr3t-t0ken' }).tip());
    quiet();

    expect(error.message).toMatch(/ refuses: user ada with \*\*\*\\u\{1b\}\[31m is over quota x{100,}…$/);
    expect(error.message.length).toBeLessThan(400);
    expectNoSecret(error, 's3cr3t-t0ken');
  });
});

describe('read', () => {
  it('gives the manifests at the tip, sorted, with author and subject', async () => {
    const { origin, open } = await fixture();
    const commit = await origin.commit(
      {
        'b.yml': 'b: 1\n',
        'a/c.json': '{}',
        'a/b.YAML': 'x: 1\n',
        'README.md': '# hi\n',
        'a.yaml': 'a: 1\n',
      },
      { message: 'Say hello\n\nAt length.', author: 'Grace Hopper <grace@example.com>' },
    );

    const snapshot = await open().read();
    expect(snapshot).toMatchObject({ commit, author: 'Grace Hopper', subject: 'Say hello', findings: [] });
    expect(contents(snapshot)).toEqual({
      'a.yaml': 'a: 1\n',
      'a/b.YAML': 'x: 1\n',
      'a/c.json': '{}',
      'b.yml': 'b: 1\n',
    });
    expect(snapshot.files.map(({ path }) => path)).toEqual(['a.yaml', 'a/b.YAML', 'a/c.json', 'b.yml']);
  });

  it('asks for the refs and nothing more while the tip stays', async () => {
    const { origin, open, requests } = await fixture();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    const repository = open();
    const first = await repository.read();
    expect(requests()).toEqual(['GET info/refs', 'POST git-upload-pack']);

    expect(await repository.read(first.commit)).toBe(first);
    expect(requests()).toEqual(['GET info/refs']);
  });

  it('uses the clone of the process before it', async () => {
    const { origin, open, requests } = await fixture();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    const first = await open().read();
    requests();

    expect(contents(await open().read(first.commit))).toEqual({ 'a.yaml': 'a: 1\n' });
    expect(requests()).toEqual(['GET info/refs']);
  });

  it('fetches only what is new', async () => {
    const { origin, open, requests, downloaded } = await fixture();
    const noise: Record<string, string> = {};
    for (let index = 0; index < 300; index++) noise[`n/${index}.yaml`] = `v: ${Math.sin(index)}\n`;
    await origin.commit(noise);
    const repository = open();
    const first = await repository.read();
    requests();
    const before = downloaded();

    await origin.commit({ 'n/7.yaml': 'v: changed\n' });
    const second = await repository.read(first.commit);
    expect(contents(second)['n/7.yaml']).toBe('v: changed\n');
    expect(second.files).toHaveLength(300);
    expect(requests()).toEqual(['GET info/refs', 'POST git-upload-pack']);
    expect(downloaded() - before).toBeLessThan(2_500);
    expect(second.files[0]?.oid).toBe(first.files[0]?.oid);
    expect(second.files[0]?.content).toEqual(first.files[0]?.content);
  });

  it('reads only the folder of the path, and tells files by the root', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'clusters/a/x.yaml': 'a\n', 'clusters/b/x.yaml': 'b\n', 'x.yaml': 'root\n' });

    expect(contents(await open({ path: '/clusters/b/' }).read())).toEqual({ 'clusters/b/x.yaml': 'b\n' });
    expect(contents(await open({ path: './clusters' }).read())).toEqual({
      'clusters/a/x.yaml': 'a\n',
      'clusters/b/x.yaml': 'b\n',
    });
  });

  it('skips what begins with a dot, unless the path names it', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ '.sops.yaml': 'a\n', '.github/ci.yml': 'b\n', 'a.yaml': 'c\n' });

    expect(contents(await open().read())).toEqual({ 'a.yaml': 'c\n' });
    expect(contents(await open({ path: '.github' }).read())).toEqual({ '.github/ci.yml': 'b\n' });
  });

  it('names the folder that was probably meant', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'clusters/hall-a/x.yaml': 'a\n', 'clusters/x.yaml': 'a\n', 'docs/x.md': 'a\n' });

    expect(await failure(open({ path: 'cluster/hall-a' }).read())).toMatch(
      /^PATH_NOT_FOUND: .* has no folder cluster\/hall-a\.\n {2}hint: Did you mean clusters\? Its root has clusters, docs\.$/,
    );
    expect(await failure(open({ path: 'clusters/hall-b' }).read())).toContain(
      'Did you mean clusters/hall-a? clusters has hall-a.',
    );
    expect(await failure(open({ path: 'clusters/x.yaml' }).read())).toContain(
      'has no folder clusters/x.yaml: clusters/x.yaml is a file.',
    );
    expect(await failure(open({ path: 'clusters/../../x' }).read())).toContain(
      'leads out of the repository.',
    );
  });

  it('reads a commit by its name, though no branch points to it', async () => {
    const { origin, open, requests } = await fixture();
    const first = await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.commit({ 'a.yaml': 'a: 2\n' });

    expect(contents(await open({ ref: first }).read())).toEqual({ 'a.yaml': 'a: 1\n' });
    expect(requests()).toEqual(['POST git-upload-pack']);
  });

  it('says that a commit is not there', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    const ref = 'deadbeefdeadbeefdeadbeefdeadbeefdeadbeef';

    expect(await failure(open({ ref }).read())).toMatch(
      /^REF_NOT_FOUND: .* does not give out a commit deadbeef\w+\.\n {2}hint: It is not in the repository, or /,
    );
  });

  it('reads an annotated tag', async () => {
    const { origin, open } = await fixture();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.tag('v1', { message: 'Release' });
    await origin.commit({ 'a.yaml': 'a: 2\n' });

    const snapshot = await open({ ref: 'v1' }).read();
    expect(snapshot.commit).toBe(commit);
    expect(contents(snapshot)).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  it('reads a repository whose packs are deltas upon deltas', async () => {
    const { origin, open } = await fixture();
    const body = Array.from({ length: 400 }, (_, index) => `line ${index}: ${Math.cos(index)}`);
    for (let version = 0; version < 30; version++) {
      body[version * 7] = `changed in ${version}`;
      await origin.commit({ [`v${version}.yaml`]: body.join('\n') });
    }
    await origin.git(['repack', '-adfq', '--depth=50', '--window=50']);

    const snapshot = await open().read();
    expect(snapshot.files).toHaveLength(30);
    expect(contents(snapshot)['v29.yaml']).toBe(body.join('\n'));
  });

  it('leaves a clone that git finds nothing wrong with', async () => {
    const { origin, open, cacheDir } = await fixture();
    await origin.commit({ 'a.yaml': `a: ${'x'.repeat(5_000)}\n`, 'b/c.yaml': 'c\n' });
    const repository = open();
    const first = await repository.read();
    await origin.commit({ 'a.yaml': `a: ${'x'.repeat(5_000)}y\n` });
    const second = await repository.read(first.commit);

    const clone = join(cacheDir, (await readdir(cacheDir))[0]!);
    expect(await runGit(clone, ['fsck', '--strict'])).toBe('');
    expect(await runGit(clone, ['rev-parse', 'HEAD'])).toBe(second.commit);
  });
});

describe('history', () => {
  it('finds a commit far back, deepening step by step', async () => {
    const { origin, open, requests } = await fixture();
    const old = await origin.commit({ 'a.yaml': '0\n' });
    for (let index = 1; index < 130; index++) await origin.commit({ 'a.yaml': `${index}\n` });

    const snapshot = await open().read(old as CommitSha);
    expect(contents(snapshot)).toEqual({ 'a.yaml': '129\n' });
    expect(requests()).toEqual(['GET info/refs', ...Array<string>(3).fill('POST git-upload-pack')]);
  }, 120_000);

  it('needs no more history for a merge than its parents', async () => {
    const { origin, open, requests } = await fixture();
    const base = await origin.commit({ 'a.yaml': '0\n' });
    const repository = open();
    await repository.read();
    await origin.branch('side', base);
    const side = await origin.commit({ 'b.yaml': '1\n' }, { branch: 'side' });
    const tree = await origin.git(['rev-parse', `${side}^{tree}`]);
    const merge = await origin.git(['commit-tree', tree, '-p', base, '-p', side, '-m', 'Merge']);
    await origin.git(['update-ref', 'refs/heads/main', merge]);
    requests();

    expect((await repository.read(base as CommitSha)).commit).toBe(merge);
    expect(requests()).toEqual(['GET info/refs', 'POST git-upload-pack']);
  });

  it('halts where it was rewritten, and says how to go on', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'a.yaml': '0\n' });
    await origin.commit({ 'a.yaml': '1\n' });
    const repository = open();
    const { commit } = await repository.read();
    const rewritten = await origin.rewrite({ 'a.yaml': 'other\n' });

    const error = await thrown(repository.read(commit));
    expect(error).toMatchObject({
      code: 'HISTORY_REWRITTEN',
      retry: 'after-change',
      message: `Commit ${commit}, which was applied last, is not in the history of ${rewritten}, which ${origin.url} has now.`,
      hint: `Somebody rewrote the branch, or it is another repository. If that is intended: --accept-rewritten-history ${rewritten}`,
    });
    // It halts each time, and not only once.
    expect((await thrown(repository.read(commit))).code).toBe('HISTORY_REWRITTEN');
  });

  it('halts where the branch went back to an older commit', async () => {
    const { origin, open } = await fixture();
    const older = await origin.commit({ 'a.yaml': '0\n' });
    await origin.commit({ 'a.yaml': '1\n' });
    const repository = open();
    const { commit } = await repository.read();
    await origin.branch('main', older);

    expect((await thrown(repository.read(commit))).code).toBe('HISTORY_REWRITTEN');
  });

  it('goes on where exactly this rewritten history is accepted', async () => {
    const { origin, open } = await fixture();
    await origin.commit({ 'a.yaml': '0\n' });
    const { commit } = await open().read();
    const rewritten = (await origin.rewrite({ 'a.yaml': 'other\n' })) as CommitSha;

    expect(contents(await open({ acceptRewrittenHistory: rewritten }).read(commit))).toEqual({
      'a.yaml': 'other\n',
    });
    expect((await thrown(open({ acceptRewrittenHistory: commit }).read(commit))).code).toBe(
      'HISTORY_REWRITTEN',
    );
  });

  it('looks back no further than the limit', async () => {
    const { origin, open } = await fixture();
    const old = await origin.commit({ 'a.yaml': '0\n' });
    for (let index = 1; index < 12; index++) await origin.commit({ 'a.yaml': `${index}\n` });

    expect(await failure(open({ limits: { historyCommits: 5 } }).read(old as CommitSha))).toContain(
      'is not among the last 5 commits of',
    );
  });
});
