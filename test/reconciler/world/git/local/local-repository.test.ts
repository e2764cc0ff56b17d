import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommitSha, Repository, Snapshot } from '../../../../../reconciler/ports.ts';
import type { GitConfig } from '../../../../../reconciler/world/git/git-config.ts';
import { openRepository } from '../../../../../reconciler/world/git/repository.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { failure, thrown } from '../failure.ts';

const folder = await scratchFolder(afterAll);
let count = 0;

async function bare(): Promise<GitRepository> {
  return GitRepository.create(join(folder, `bare-${++count}.git`));
}

/** Its cache would be made in a place where nothing can be. */
function open(url: string, rest: Partial<GitConfig> = {}): Repository {
  return openRepository({ url, ref: 'main', path: '', cacheDir: '/dev/null/cache', ...rest });
}

function contents({ files }: Snapshot): Record<string, string> {
  return Object.fromEntries(files.map(({ path, content }) => [path, Buffer.from(content).toString()]));
}

async function everything(path: string): Promise<string[]> {
  return (await readdir(path, { recursive: true })).toSorted();
}

describe('a repository on this machine', () => {
  it('is read in place, whether its objects are packed or not', async () => {
    const origin = await bare();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n', 'b/c.yaml': 'c: 1\n' }, { message: 'Begin' });
    const before = await everything(origin.path);
    const snapshot = await open(origin.path).read();

    expect(snapshot).toMatchObject({ commit, author: 'Ada Author', subject: 'Begin', findings: [] });
    expect(contents(snapshot)).toEqual({ 'a.yaml': 'a: 1\n', 'b/c.yaml': 'c: 1\n' });
    expect(await everything(origin.path)).toEqual(before);

    await origin.git(['gc', '--quiet', '--prune=now']);
    await origin.git(['pack-refs', '--all']);
    expect(contents(await open(origin.path).read())).toEqual(contents(snapshot));
  });

  it('may have a working tree, of which only what is committed counts', async () => {
    const path = join(folder, 'with-tree');
    await mkdir(path);
    await runGit(path, ['init', '--quiet', '--initial-branch=main']);
    await writeFile(join(path, 'a.yaml'), 'a: 1\n');
    await runGit(path, ['add', '.']);
    await runGit(path, ['commit', '--quiet', '--message', 'Begin']);
    await writeFile(join(path, 'a.yaml'), 'a: 2\n');
    await writeFile(join(path, 'b.yaml'), 'b: 1\n');

    expect(contents(await open(path).read())).toEqual({ 'a.yaml': 'a: 1\n' });
    expect(contents(await open(path, { ref: 'HEAD' }).read())).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  it('is refused where its objects are named in a way that is not known', async () => {
    const path = join(folder, 'sha256.git');
    await mkdir(path);
    await runGit(path, ['init', '--quiet', '--bare', '--object-format=sha256']);
    expect(await failure(open(path).tip())).toMatch(/^REPOSITORY_URL: .* uses objectformat = sha256/);
  });

  it('may be a further working tree of another', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.branch('other');
    await origin.git(['worktree', 'add', '--quiet', join(folder, 'further'), 'other']);

    expect(contents(await open(join(folder, 'further')).read())).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  it('may borrow objects from another', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    await runGit(folder, ['clone', '--quiet', '--bare', '--shared', origin.path, 'borrower.git']);

    expect(contents(await open(join(folder, 'borrower.git')).read())).toEqual({ 'a.yaml': 'a: 1\n' });
  });

  it('follows branches, tags, annotated tags and commits', async () => {
    const origin = await bare();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.tag('light');
    await origin.tag('heavy', { message: 'Release' });
    await origin.branch('release/1');
    await origin.commit({ 'a.yaml': 'a: 2\n' });

    for (const ref of ['light', 'heavy', 'release/1', 'refs/tags/heavy', commit]) {
      expect([ref, await open(origin.path, { ref }).tip()]).toEqual([ref, commit]);
    }
  });

  it('names the branch that was probably meant, packed or not', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.branch('team/production');
    await origin.git(['pack-refs', '--all']);
    await origin.branch('team/staging');

    expect(await failure(open(origin.path, { ref: 'team/stagin' }).tip())).toBe(
      `REF_NOT_FOUND: ${origin.path} has no branch or tag team/stagin.\n` +
        '  hint: Did you mean team/staging? It has main, team/production, team/staging.',
    );
    expect(await failure(open(origin.path, { ref: 'f'.repeat(40) }).tip())).toContain('has no commit ffff');
  });

  it('tells a tag of a file from one of a commit', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.tag('file', { at: 'main:a.yaml' });

    expect(await failure(open(origin.path, { ref: 'file' }).tip())).toMatch(
      /^REF_NOT_FOUND: .* has a blob [0-9a-f]{40} there, and no commit\./,
    );
  });

  it('halts where history was rewritten', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': '0\n' });
    const first = (await origin.commit({ 'a.yaml': '1\n' })) as CommitSha;
    const second = (await origin.commit({ 'a.yaml': '2\n' })) as CommitSha;
    expect((await open(origin.path).read(first)).commit).toBe(second);

    await origin.branch('main', 'main~2');
    const other = (await origin.commit({ 'a.yaml': '3\n' })) as CommitSha;
    expect(await failure(open(origin.path).read(first))).toContain(`--accept-rewritten-history ${other}`);
    expect((await open(origin.path, { acceptRewrittenHistory: other }).read(first)).commit).toBe(other);
  });

  it('is not there', async () => {
    expect(await failure(open(join(folder, 'nothing')).tip())).toBe(
      `REPOSITORY_NOT_FOUND: There is no git repository at ${join(folder, 'nothing')}.\n` +
        '  hint: Give the folder of a repository, or the address of one on a server.',
    );
  });

  it('says so when it is damaged', async () => {
    const origin = await bare();
    const commit = await origin.commit({ 'a.yaml': 'a: 1\n' });
    await cp(origin.path, join(folder, 'damaged'), { recursive: true });
    await rm(join(folder, 'damaged/objects'), { recursive: true });
    await mkdir(join(folder, 'damaged/objects'));

    const error = await thrown(open(join(folder, 'damaged')).read());
    expect(error).toMatchObject({
      code: 'REPOSITORY_CORRUPT',
      message: `The repository at ${join(folder, 'damaged')} is damaged.`,
      hint: `Run git -C ${join(folder, 'damaged')} fsck to see what is missing.`,
    });
    expect((await open(origin.path).read()).commit).toBe(commit);
  });

  it('is refused where a file of it is larger than may be held in memory', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': Array.from({ length: 2_000 }, () => `${Math.random()}`).join('\n') });
    await origin.git(['gc', '--quiet']);

    expect(await failure(open(origin.path, { limits: { packBytes: 10_000 } }).read())).toMatch(
      /^REPOSITORY_TOO_LARGE: The repository has a pack of \S+ KiB; at most 9\.8 KiB are read\./,
    );
  });

  it('may hold files that git allows and isomorphic-git does not', async () => {
    const origin = await bare();
    const blob = await origin.git(['hash-object', '-w', '--stdin'], { input: 'a: 1\n' });
    const rows = ['100664 blob', '100644 blob'].map((kind, index) => `${kind} ${blob}\t${index}\\\\x.yaml\n`);
    const tree = await origin.git(['mktree'], { input: rows.join('') });
    await origin.git(['update-ref', 'refs/heads/main', await origin.git(['commit-tree', tree, '-m', 'a'])]);

    expect(Object.keys(contents(await open(origin.path).read()))).toHaveLength(2);
  });

  it('says so when an index has been changed since it was written', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': 'a: 1\n' });
    await origin.git(['gc', '--quiet']);
    const folderOfPacks = join(origin.path, 'objects', 'pack');
    const name = (await readdir(folderOfPacks)).find((file) => file.endsWith('.idx'))!;
    const bytes = await readFile(join(folderOfPacks, name));
    bytes[bytes.length - 41]! ^= 1;
    await rm(join(folderOfPacks, name));
    await writeFile(join(folderOfPacks, name), bytes);

    expect(await failure(open(origin.path).read())).toMatch(/^REPOSITORY_CORRUPT: .* is damaged\./);
  });

  it('sees a new commit by the same reader', async () => {
    const origin = await bare();
    await origin.commit({ 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 1\n' });
    const repository = open(origin.path);
    const first = await repository.read();
    expect(await repository.read(first.commit)).toBe(first);
    await origin.commit({ 'b.yaml': 'b: 2\n' });

    const second = await repository.read(first.commit);
    expect(contents(second)).toEqual({ 'a.yaml': 'a: 1\n', 'b.yaml': 'b: 2\n' });
    expect(second.files[0]?.content).toEqual(first.files[0]?.content);
  });
});
