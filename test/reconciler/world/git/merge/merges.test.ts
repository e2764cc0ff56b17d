import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { MergeHead, MergePreview, Merges } from '../../../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../../../reconciler/ports.ts';
import type { GitConfig } from '../../../../../reconciler/world/git/git-config.ts';
import { openMerges } from '../../../../../reconciler/world/git/merge/merges.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer } from '../../../../support/git-server.ts';
import { failure } from '../failure.ts';
import { judged } from './judge.ts';
import { importScript, stretched, tangles } from './merge-cases.ts';

const server = await startGitServer();
afterAll(() => server.stop());
const folder = await scratchFolder(afterAll);

let count = 0;
let origin: GitRepository;
let cacheDir: string;

beforeEach(async () => {
  origin = await server.createRepository(`merged-${++count}`);
  cacheDir = join(folder, `cache-${count}`);
});

function open(rest: Partial<GitConfig> = {}): Merges {
  return openMerges({ url: origin.url, ref: 'main', path: 'apps', cacheDir, ...rest });
}

/** A pull request of a branch, as forges keep it. */
async function pulled(branch: string, rest: Partial<MergeHead> = {}): Promise<MergeHead> {
  const ref = `refs/pull/${count}/head`;
  const commit = (await origin.resolve(branch)) as CommitSha;
  await origin.git(['update-ref', ref, commit]);
  return { commit, ref, isTrusted: true, ...rest };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line-${from + index}: 1\n`).join('');

const START = { 'apps/a.yaml': numbered(0, 10), 'apps/b.yaml': 'b: 1\n', 'docs/c.md': 'c\n' };

/** Paths below the configured one with their texts. */
function texts(preview: MergePreview): Readonly<Record<string, string>> {
  if (preview.result !== 'merged') throw new Error(`Conflict: ${preview.files.join()}`);
  return Object.fromEntries(
    preview.merged.files.map(({ path, content }) => [path, Buffer.from(content).toString('utf8')]),
  );
}

/** So many commits on the base, by one process. */
async function commitMany(most: number): Promise<void> {
  const commits = Array.from({ length: most }, (_, index) => {
    const from = index === 0 ? 'from refs/heads/main^0\n' : '';
    const text = `text ${index}`;
    return [
      `commit refs/heads/main\ncommitter Ada <ada@example.com> ${1_700_000_000 + index * 60} +0000\n`,
      `data 1\nx\n${from}M 100644 inline docs/c.md\ndata ${text.length}\n${text}\n`,
    ].join('');
  });
  await origin.git(['fast-import', '--quiet'], { input: commits.join('\n') });
}

function posts(): number {
  return server.requests.filter(({ method, url }) => method === 'POST' && url.includes(`merged-${count}.git`))
    .length;
}

describe('a preview of a merge', () => {
  it('has the changes of both sides, and says which files differ from the base', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    const head = await origin.commit(
      { 'apps/a.yaml': `first: 1\n${numbered(0, 10)}`, 'docs/c.md': 'other\n', 'apps/new.yaml': 'n: 1\n' },
      { branch: 'feature', message: 'Add new', author: 'Grace <grace@example.com>' },
    );
    const base = await origin.commit({ 'apps/a.yaml': `${numbered(0, 10)}last: 1\n`, 'apps/b.yaml': null });

    const preview = await open().preview(await pulled('feature'));
    expect(texts(preview)).toEqual({
      'apps/a.yaml': `first: 1\n${numbered(0, 10)}last: 1\n`,
      'apps/new.yaml': 'n: 1\n',
    });
    expect(preview).toMatchObject({
      base: { commit: base },
      merged: { commit: head, author: 'Grace', subject: 'Add new', findings: [] },
      files: ['apps/a.yaml', 'apps/new.yaml', 'docs/c.md'],
    });
  });

  it('names the files that a person has to merge', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/a.yaml': 'a: theirs\n', 'docs/c.md': null }, { branch: 'feature' });
    const base = await origin.commit({ 'apps/a.yaml': 'a: ours\n', 'docs/c.md': 'changed\n' });

    expect(await open().preview(await pulled('feature'))).toEqual({
      result: 'conflict',
      base,
      files: ['apps/a.yaml', 'docs/c.md'],
    });
  });

  it('reads nothing anew where nothing below the path differs', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'docs/c.md': 'other\n' }, { branch: 'feature' });
    await origin.commit({ 'docs/d.md': 'd\n' });

    const preview = await open().preview(await pulled('feature'));
    if (preview.result !== 'merged') throw new Error('It is merged.');
    expect(preview.files).toEqual(['docs/c.md']);
    expect(preview.merged.files).toBe(preview.base.files);
    const tree = preview.merged.tree!();
    expect(Buffer.from((await tree.read('docs/c.md', 100)) as Uint8Array).toString()).toBe('other\n');
    expect(await tree.entry('docs/d.md')).toMatchObject({ kind: 'file' });
  });

  it('gives all files of the repository as they would be, also merged ones', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/a.yaml': `first: 1\n${numbered(0, 10)}` }, { branch: 'feature' });
    await origin.commit({ 'apps/a.yaml': `${numbered(0, 10)}last: 1\n`, 'link.yaml': { symlink: 'x' } });

    const preview = await open().preview(await pulled('feature'));
    if (preview.result !== 'merged') throw new Error('It is merged.');
    const tree = preview.merged.tree!();
    expect(await tree.read('apps/a.yaml', 5)).toBe(numbered(0, 10).length + 17);
    expect(await tree.entry('link.yaml')).toEqual({ kind: 'link' });
    expect(await tree.entry('apps')).toEqual({ kind: 'folder' });
  });

  it('follows lines and removals through both sides', async () => {
    await origin.commit(START, { message: 'Start' });
    await origin.branch('feature');
    await origin.commit(
      { 'apps/a.yaml': `first: 1\n${numbered(0, 10)}` },
      { branch: 'feature', message: 'Theirs' },
    );
    await origin.commit({ 'apps/b.yaml': null }, { branch: 'feature', message: 'Drop b' });
    await origin.commit({ 'apps/a.yaml': `${numbered(0, 10)}last: 1\n` }, { message: 'Ours' });
    await origin.commit({ 'apps/c.yaml': 'c: 1\n' }, { message: 'Add c' });
    await origin.commit({ 'apps/c.yaml': null }, { message: 'Drop c' });

    const preview = await open().preview(await pulled('feature'));
    if (preview.result !== 'merged') throw new Error('It is merged.');
    const history = preview.merged.history!();
    const subjects = [];
    for (const line of [1, 2, 12]) {
      const blame = await history.blame({ file: 'apps/a.yaml', line });
      subjects.push(blame.found === 'commit' ? blame.commit.subject : blame);
    }
    expect(subjects).toEqual(['Theirs', 'Start', 'Ours']);
    for (const [word, subject] of [
      ['b: 1', 'Drop b'],
      ['c: 1', 'Drop c'],
    ] as const) {
      const says = ({ content }: { content: Uint8Array }) => Buffer.from(content).toString().includes(word);
      expect(await history.removal(says)).toMatchObject({ found: 'commit', commit: { subject } });
    }
  });

  it('is the base where the head is in it already, and the head where that is ahead', async () => {
    const first = await origin.commit(START);
    await origin.branch('old', first);
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' });
    await origin.branch('ahead');
    await origin.commit({ 'apps/b.yaml': 'b: 3\n' }, { branch: 'ahead' });
    const merges = open();
    expect(texts(await merges.preview(await pulled('old')))['apps/b.yaml']).toBe('b: 2\n');
    expect(await merges.preview(await pulled('old'))).toMatchObject({ files: [] });
    expect(texts(await merges.preview(await pulled('ahead')))['apps/b.yaml']).toBe('b: 3\n');
  });

  it('is the same object while base and head are the same', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' });
    const merges = open();
    await merges.base();
    const head = await pulled('feature');
    const first = await merges.preview(head);
    server.clearRequests();
    expect(await merges.preview(head)).toBe(first);
    expect(server.requests).toEqual([]);
    await origin.commit({ 'apps/c.yaml': 'c: 1\n' });
    await merges.base();
    expect(await merges.preview(head)).not.toBe(first);
  });

  it('leaves the refs of the clone alone, and writes none of what it makes', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/a.yaml': `first: 1\n${numbered(0, 10)}` }, { branch: 'feature' });
    await origin.commit({ 'apps/a.yaml': `${numbered(0, 10)}last: 1\n` });
    await open().preview(await pulled('feature'));

    const [name] = await readdir(join(cacheDir, 'merges'));
    const clone = join(cacheDir, 'merges', name!);
    expect(await readdir(join(clone, 'refs'))).toEqual([]);
    expect(await runGit(clone, ['fsck', '--strict', '--no-dangling'])).toBe('');
    expect(await readFile(join(clone, 'HEAD'), 'utf8')).toMatch(/^[0-9a-f]{40}\n$/);
    expect(await readdir(join(clone, 'objects'))).toEqual(['pack']);
  });

  it('is refused where the history of the base was rewritten', async () => {
    await origin.commit(START);
    const gone = (await origin.commit({ 'apps/b.yaml': 'b: 2\n' })) as CommitSha;
    await origin.rewrite({ 'apps/b.yaml': 'b: 3\n' });
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 4\n' }, { branch: 'feature' });
    const preview = open().preview(await pulled('feature'), { lastApplied: gone });
    expect(await failure(preview)).toMatch(/^HISTORY_REWRITTEN: /);
  });

  it('ends at once when it is given up', async () => {
    await origin.commit(START);
    const merges = open();
    const head = await pulled('main');
    const ending = new AbortController();
    const remove = server.onRequest(() => {
      ending.abort(new Error('No more.'));
      return new Promise(() => undefined);
    });
    await expect(merges.preview(head, { signal: ending.signal })).rejects.toThrow('No more.');
    remove();
    expect(await merges.preview(head)).toMatchObject({ files: [] });
  });
});

describe('a local repository', () => {
  it('is merged where it is, and nothing is written to it', async () => {
    const local = await GitRepository.create(join(folder, `local-${count}.git`));
    await local.commit(START);
    await local.branch('feature');
    const commit = (await local.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' })) as CommitSha;
    await local.commit({ 'apps/a.yaml': 'a: 2\n' });
    const before = await local.git(['count-objects', '-v']);
    const merges = open({ url: local.path });
    const preview = await merges.preview({ commit, ref: 'refs/heads/feature', isTrusted: true });
    expect(texts(preview)).toEqual({ 'apps/a.yaml': 'a: 2\n', 'apps/b.yaml': 'b: 2\n' });
    expect(await local.git(['count-objects', '-v'])).toBe(before);
    const other = '1'.repeat(40) as CommitSha;
    expect(await failure(merges.preview({ commit: other, ref: 'refs/pull/7/head', isTrusted: true }))).toBe(
      `HEAD_NOT_FOUND: ${local.path} has no commit ${other} any more, and no refs/pull/7/head.\n` +
        '  hint: The pull request was closed or its branch deleted; nothing is planned for it.',
    );
  });
});

describe('the history that is fetched', () => {
  it('is only as much as it takes to find where both sides meet', async () => {
    await origin.commit(START);
    await commitMany(100);
    await origin.branch('near', 'main~5');
    await origin.branch('far', 'main~60');
    for (const branch of ['near', 'far'])
      await origin.commit({ 'apps/b.yaml': `b: ${branch}\n` }, { branch });
    const merges = open();
    const head = await pulled('near');
    server.clearRequests();
    expect(texts(await merges.preview(head))['apps/b.yaml']).toBe('b: near\n');
    // The base, the head, and more of the base.
    expect(posts()).toBe(3);
    server.clearRequests();
    expect(texts(await merges.preview(await pulled('far')))['apps/b.yaml']).toBe('b: far\n');
    // The head, and more of the base.
    expect(posts()).toBe(2);
    server.clearRequests();
    await origin.commit({ 'docs/c.md': 'now\n' });
    await merges.base();
    await merges.preview(head);
    // The new base alone.
    expect(posts()).toBe(1);
  });

  it('gives what git makes of the whole of it, however tangled it is', async () => {
    const most = 8;
    const histories = fc.sample(tangles, most).map((history) => stretched(history, 9));
    let marks = 0;
    const scripts = histories.map((history, index) => {
      const made = importScript(history, `h${index}`, marks);
      marks += history.length;
      return made;
    });
    await origin.git(['fast-import', '--quiet', '--force'], { input: Buffer.concat(scripts) });
    const pairs = histories.map((_history, index) => [`h${index}-ours`, `h${index}-theirs`] as const);
    const judgements = await judged(origin, pairs);
    for (const [index, [ours, theirs]] of pairs.entries()) {
      const clone = join(cacheDir, ours);
      const preview = await open({ ref: ours, path: '', cacheDir: clone }).preview(await pulled(theirs));
      const git = judgements[index]!;
      const history = histories[index];
      if (preview.result === 'conflict') {
        // What git clones in whole is merged as this is.
        const whole = open({ url: origin.path, ref: ours, path: '' });
        expect({ preview: await whole.preview(await pulled(theirs)), history }).toEqual({ preview, history });
        continue;
      }
      const rows = (await origin.git(['ls-tree', '-r', '-z', git.tree]))
        .split('\0')
        .filter((row) => row !== '');
      const tree = preview.merged.tree!();
      for (const row of rows) {
        const [, type, oid, path = ''] = /^\d+ (\w+) (\w+)\t(.*)$/.exec(row) ?? [];
        const entry = await tree.entry(path);
        if (type === 'blob' && entry?.kind === 'file')
          expect({ path, oid: entry.oid, history }).toEqual({ path, oid, history });
        else
          expect({ path, kind: entry?.kind }).toMatchObject({
            kind: expect.stringMatching(/^(link|other)$/),
          });
      }
      expect({ isClean: git.isClean, history }).toEqual({ isClean: true, history });
    }
    // Both sides are fetched, and then more of them.
    expect(posts()).toBeGreaterThan(most * 3);
  }, 120_000);

  it('is not looked through without end', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' });
    await commitMany(60);
    const merges = open({ limits: { historyCommits: 30 } });
    expect(await failure(merges.preview(await pulled('feature')))).toMatch(
      /^MERGE_BASE_NOT_FOUND: It is not clear among the last 30 commits where the histories of \w+ and \w+ meet\.\n {2}hint: Merge/,
    );
  });

  it('has to meet somewhere', async () => {
    await origin.commit(START);
    const commit = await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'orphan', onto: null });
    expect(await failure(open().preview(await pulled('orphan')))).toMatch(
      new RegExp(`^UNRELATED_HISTORIES: Commit ${commit} has no commit in common with `),
    );
  });
});

describe('a head that cannot be had', () => {
  it('was force-pushed away while it was to be planned', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' });
    const head = await pulled('feature');
    const merges = open();
    await merges.base();
    const remove = server.onRequest(async ({ method }) => {
      if (method !== 'POST') return undefined;
      remove();
      await origin.rewrite({ 'apps/b.yaml': 'b: 3\n' }, { branch: 'feature' });
      await pulled('feature');
      await origin.git(['gc', '--quiet', '--prune=now']);
      return undefined;
    });
    const now = async () => (await origin.resolve('feature'))!;
    const said = await failure(merges.preview(head));
    expect(said).toMatch(
      new RegExp(`^HEAD_NOT_FOUND: .* has no commit ${head.commit} any more: ${head.ref} is at `),
    );
    expect(said).toContain(await now());
    expect(texts(await merges.preview({ ...head, commit: (await now()) as CommitSha }))['apps/b.yaml']).toBe(
      'b: 3\n',
    );
  });

  it('was closed and deleted', async () => {
    await origin.commit(START);
    const commit = '1'.repeat(40) as CommitSha;
    expect(await failure(open().preview({ commit, ref: 'refs/pull/9/head', isTrusted: true }))).toBe(
      `HEAD_NOT_FOUND: http://SERVER/merged-${count}.git has no commit ${commit} any more, and no refs/pull/9/head.\n` +
        '  hint: The pull request was closed or its branch deleted; nothing is planned for it.',
    );
  });

  it('is only in refs/pull, as that of a fork is', async () => {
    await origin.commit(START);
    await origin.branch('fork');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'fork' });
    const head = await pulled('fork', { isTrusted: false });
    await origin.git(['branch', '-D', 'fork']);
    expect(texts(await open().preview(head))['apps/b.yaml']).toBe('b: 2\n');
  });

  it('is asked for as a tip where the server gives out no other commits', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' });
    await origin.commit({ 'apps/a.yaml': 'a: 2\n' });
    // A server that speaks the oldest version of the protocol alone.
    const plain = server.onRequest(({ headers }) => {
      delete (headers as Record<string, unknown>)['git-protocol'];
      return undefined;
    });
    const preview = await open()
      .preview(await pulled('feature'))
      .finally(plain);
    expect(texts(preview)).toEqual({ 'apps/a.yaml': 'a: 2\n', 'apps/b.yaml': 'b: 2\n' });
  });

  it('brings more than a fork may', async () => {
    await origin.commit(START);
    await origin.branch('fork');
    const noise = randomBytes(200_000);
    await origin.commit({ 'docs/large': noise }, { branch: 'fork' });
    const limits = { packBytes: 400_000 };
    const head = await pulled('fork', { isTrusted: false });
    expect(await failure(open({ limits }).preview(head))).toMatch(
      /^MERGE_TOO_LARGE: The pull request brings too much to be planned\. The answer of .* at most 97\.7 KiB are read\./,
    );
    expect(await open({ limits }).preview({ ...head, isTrusted: true })).toMatchObject({ result: 'merged' });
  });
});

describe('the clone', () => {
  it('is made anew when it holds too many packs', async () => {
    await origin.commit(START);
    await origin.branch('start');
    await origin.commit({ 'apps/a.yaml': 'a: 2\n' });
    const merges = open({ limits: { packs: 1 } });
    await merges.base();
    for (let index = 0; index < 6; index++) {
      await origin.branch('feature', 'start');
      await origin.commit({ 'apps/b.yaml': `b: ${index + 2}\n` }, { branch: 'feature' });
      expect(texts(await merges.preview(await pulled('feature')))['apps/b.yaml']).toBe(`b: ${index + 2}\n`);
    }
    const [name] = await readdir(join(cacheDir, 'merges'));
    const packs = await readdir(join(cacheDir, 'merges', name!, 'objects', 'pack'));
    expect(packs.filter((each) => each.endsWith('.pack')).length).toBeLessThanOrEqual(4);
  });

  it('is made anew when its packs were damaged', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' });
    await origin.commit({ 'apps/a.yaml': 'a: 2\n' });
    const merges = open();
    await merges.base();
    await merges.preview(await pulled('feature'));
    const [name] = await readdir(join(cacheDir, 'merges'));
    const packs = join(cacheDir, 'merges', name!, 'objects', 'pack');
    for (const pack of await readdir(packs))
      if (pack.endsWith('.pack')) await truncate(join(packs, pack), 40);
    await origin.commit({ 'apps/b.yaml': 'b: 3\n' }, { branch: 'feature' });
    expect(texts(await merges.preview(await pulled('feature')))).toEqual({
      'apps/a.yaml': 'a: 2\n',
      'apps/b.yaml': 'b: 3\n',
    });
  });

  it('is made anew when it was taken away', async () => {
    await origin.commit(START);
    await origin.branch('feature');
    await origin.commit({ 'apps/b.yaml': 'b: 2\n' }, { branch: 'feature' });
    const merges = open();
    await merges.base();
    const head = await pulled('feature');
    await merges.preview(head);
    await rm(join(cacheDir, 'merges'), { recursive: true });
    await origin.commit({ 'apps/b.yaml': 'b: 3\n' }, { branch: 'feature' });
    expect(texts(await merges.preview(await pulled('feature')))['apps/b.yaml']).toBe('b: 3\n');
  });
});

describe('trees that were made to do harm', () => {
  /** A pull request whose tree has an entry more, which git itself would not make. */
  async function crafted(entry: string): Promise<MergeHead> {
    await origin.commit(START);
    const root = await origin.git(['ls-tree', 'main']);
    const tree = await origin.git(['mktree', '--missing'], { input: `${root}\n${entry}\n` });
    const commit = await origin.git(['commit-tree', tree, '-p', 'main', '-m', 'Crafted']);
    await origin.git(['update-ref', 'refs/heads/crafted', commit]);
    await origin.commit({ 'docs/c.md': 'changed\n' });
    return await pulled('crafted', { isTrusted: false });
  }

  it('have a folder within itself many times over', async () => {
    const leaf = await origin.git(['hash-object', '-w', '--stdin'], { input: 'x\n' });
    let folder = `100644 blob ${leaf}`;
    for (let depth = 0; depth < 12; depth++) {
      const input = Array.from({ length: 10 }, (_, index) => `${folder}\td${index}\n`).join('');
      folder = `040000 tree ${await origin.git(['mktree'], { input })}`;
    }
    const head = await crafted(`${folder}\tbomb`);
    expect(await failure(open().preview(head))).toBe(
      'MERGE_TOO_LARGE: The pull request changes too many files; at most 100,000 files are looked at.\n' +
        '  hint: Split the pull request into several ones, or merge its base branch into it first.',
    );
  });

  it('have two entries of one name', async () => {
    const leaf = await origin.git(['hash-object', '-w', '--stdin'], { input: 'x: 1\n' });
    const head = await crafted(`100644 blob ${leaf}\tapps`);
    // Git sorts the file before the folder, and both have the same name.
    expect(await failure(open().preview(head))).toBe(
      'REPOSITORY_CORRUPT: A folder of the pull request or of its base is not as git makes it.\n' +
        '  hint: Look at both with git fsck; nothing is planned before the folder is mended.',
    );
  });

  it('are as deep as they like', async () => {
    const leaf = await origin.git(['hash-object', '-w', '--stdin'], { input: 'x: 1\n' });
    let entry = `100644 blob ${leaf}\tx.yaml`;
    for (let depth = 0; depth < 150; depth++) {
      entry = `040000 tree ${await origin.git(['mktree'], { input: `${entry}\n` })}\td`;
    }
    const preview = await open().preview(await crafted(entry));
    expect(preview).toMatchObject({ files: [`${'d/'.repeat(150)}x.yaml`] });
  });
});
