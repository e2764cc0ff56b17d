import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { MergeHead, Merges } from '../../../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../../../reconciler/ports.ts';
import type { Limits } from '../../../../../reconciler/world/git/limits.ts';
import { openMerges } from '../../../../../reconciler/world/git/merge/merges.ts';
import { PathPattern } from '../../../../../reconciler/world/git/merge/path-pattern.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { failure } from '../failure.ts';

const folder = await scratchFolder(afterAll);

const HINT = '\n  hint: Split the pull request into several ones, or merge its base branch into it first.';

interface Fixture {
  readonly origin: GitRepository;
  open(limits?: Partial<Limits>): Merges;
  /** A pull request that replaces the whole tree; what is in it stands there as `git mktree` takes it. */
  crafted(...rows: readonly string[]): Promise<MergeHead>;
  /** The row of a folder with so many entries of one object. */
  folderOf(row: string, names: readonly string[]): Promise<string>;
  blob(content: string): Promise<string>;
}

/** A repository whose base has deleted `deleted` since the pull request was branched off. */
async function aBase(deleted: Readonly<Record<string, string>>): Promise<Fixture> {
  const origin = await GitRepository.create(join(folder, `${randomBytes(4).toString('hex')}.git`));
  const start = await origin.commit({ 'apps/keep.yaml': 'keep: 1\n', ...deleted });
  await origin.commit(Object.fromEntries(Object.keys(deleted).map((path) => [path, null])));
  return {
    origin,
    open: (limits = {}) =>
      openMerges({ url: origin.path, ref: 'main', path: 'apps', cacheDir: join(folder, 'cache'), limits }),
    async crafted(...rows) {
      const apps = await origin.git(['ls-tree', start, 'apps']);
      const tree = await origin.git(['mktree'], { input: `${[apps, ...rows].join('\n')}\n` });
      const commit = await origin.git(['commit-tree', tree, '-p', start, '-m', 'Crafted']);
      await origin.git(['update-ref', 'refs/pull/7/head', commit]);
      return { commit: commit as CommitSha, ref: 'refs/pull/7/head', isTrusted: false };
    },
    async folderOf(row, names) {
      const input = names.map((name) => `${row}\t${name}\n`).join('');
      return `040000 tree ${await origin.git(['mktree'], { input })}`;
    },
    async blob(content) {
      return `100644 blob ${await origin.git(['hash-object', '-w', '--stdin'], { input: content })}`;
    },
  };
}

const named = (count: number, name: (index: number) => string = (index) => `n${index}`) =>
  Array.from({ length: count }, (_, index) => name(index));

/** Different files, each with as many lines, which have nothing in common. */
const texts = (count: number, word: string) =>
  Object.fromEntries(
    named(count, (index) => `${word}/${index}`).map((path) => [
      path,
      named(40, (line) => `${path} ${line}\n`).join(''),
    ]),
  );

describe('a pull request that is made to take long', () => {
  it('is no longer compared once nobody would look through its conflicts', async () => {
    const content = 'a\nb\nc\n';
    const base = await aBase({ gone: content });
    const many = await base.folderOf(await base.blob(content), named(200));
    const head = await base.crafted(`${await base.folderOf(many, named(200))}\tnew`);
    const preview = await base.open().preview(head);
    expect(preview).toMatchObject({ result: 'conflict' });
    expect(preview.files).toHaveLength(1_000);
    expect(preview.files).toContain('gone');
  });

  it('has too many files to be compared with what the base deleted', async () => {
    const content = 'a\nb\nc\n';
    const base = await aBase({ gone: content });
    const many = await base.folderOf(await base.blob(content), named(400));
    const head = await base.crafted(`${await base.folderOf(many, named(400))}\tnew`);
    const started = process.cpuUsage();
    expect(await failure(base.open().preview(head))).toBe(
      `MERGE_TOO_LARGE: The pull request changes too many files; at most 100,000 files are looked at.${HINT}`,
    );
    expect(process.cpuUsage(started).user).toBeLessThan(10_000_000);
  });

  it('has folders with fewer entries than somebody may bring who may not write to the repository', async () => {
    const base = await aBase({});
    const many = await base.folderOf(await base.blob('x\n'), named(100));
    const head = await base.crafted(`${await base.folderOf(many, named(3))}\tnew`);
    const merges = base.open({ mergeEntries: 400 });
    expect(await failure(merges.preview(head))).toBe(
      `MERGE_TOO_LARGE: The pull request and its base differ in too many folders; at most 100 files and folders are looked at.${HINT}`,
    );
    expect(await merges.preview({ ...head, isTrusted: true })).toMatchObject({ result: 'merged' });
  });

  it('has names that would fill the memory', async () => {
    const base = await aBase({});
    const long = (index: number) => `${index}`.padEnd(100_000, 'x');
    const many = await base.folderOf(await base.blob('x\n'), named(30, long));
    const head = await base.crafted(`${await base.folderOf(many, named(30))}\tnew`);
    expect(await failure(base.open().preview(head))).toBe(
      'MERGE_TOO_LARGE: The pull request and its base differ in paths that are too long or too many; ' +
        `at most 67,108,864 characters of them are looked at.${HINT}`,
    );
  });

  it('takes more time than one may, and those after it are planned', async () => {
    const base = await aBase(texts(800, 'gone'));
    const head = await squashed(base, texts(800, 'new'));
    const merges = base.open({ mergeMs: 250 });
    expect(await failure(merges.preview(head))).toBe(
      `MERGE_TOO_LARGE: The pull request takes longer than 0.25 s to be merged with its base.${HINT}`,
    );
    const small = { ...head, commit: (await base.origin.resolve('main')) as CommitSha };
    expect(await merges.preview(small)).toMatchObject({ result: 'merged' });
  });

  it('is given up at once by whoever waits no more, and keeps nobody waiting then', async () => {
    const base = await aBase(texts(600, 'gone'));
    const head = await squashed(base, texts(600, 'new'));
    const merges = base.open();
    const ending = new AbortController();
    const started = process.cpuUsage();
    const large = merges.preview(head, ending);
    setTimeout(() => ending.abort(new Error('No more.')), 50);
    await expect(large).rejects.toThrow('No more.');
    const small = (await base.origin.resolve('main')) as CommitSha;
    await merges.preview({ ...head, commit: small });
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});

/** A pull request with these files, which has deleted by itself what the base has deleted. */
async function squashed({ origin }: Fixture, files: Readonly<Record<string, string>>): Promise<MergeHead> {
  await origin.branch('large');
  await origin.commit(files, { branch: 'large' });
  const commit = await origin.git(['commit-tree', 'large^{tree}', '-p', 'main~1', '-m', 'Squashed']);
  await origin.branch('large', commit);
  return { commit: commit as CommitSha, ref: 'refs/heads/large', isTrusted: true };
}

describe('a pattern of paths', () => {
  it.each([
    ['*.yaml', ['a.yaml', 'dir/b.yaml', '.yaml'], ['a.yml', 'a.yaml/b']],
    ['dir/*', ['dir/a', 'dir/'], ['dir/a/b', 'other/dir/a', 'dir']],
    ['/a', ['a'], ['b/a']],
    ['a', ['a', 'b/a', 'c/b/a'], ['ba', 'a/b']],
    ['d?r/**/[ab].yaml', ['dir/a.yaml', 'dir/x/y/b.yaml'], ['d/r/a.yaml', 'dir.yaml', 'dirx/ya.yaml']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'b/a/c']],
    [String.raw`a\*b`, ['a*b', 'x/a*b'], ['axb']],
    ['"with blank"', ['with blank'], ['with']],
    ['**/a', ['a', 'b/a', 'c/b/a'], ['ba']],
  ])('%s', (pattern, those, others) => {
    const made = new PathPattern(pattern);
    expect(those.filter((path) => !made.matches(path))).toEqual([]);
    expect(others.filter((path) => made.matches(path))).toEqual([]);
  });

  it('takes no longer where it was made to', () => {
    const started = process.cpuUsage();
    expect(new PathPattern('*?*?*?*?*?*?!').matches('a'.repeat(4_000))).toBe(false);
    expect(process.cpuUsage(started).user).toBeLessThan(1_000_000);
  });
});
