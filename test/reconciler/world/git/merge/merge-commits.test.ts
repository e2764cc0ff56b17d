import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommitSha } from '../../../../../reconciler/ports.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { type Entry, GitRepository } from '../../../../support/git-repository.ts';
import { judged, mergedByUs, treeOf } from './judge.ts';
import { forks, importScript, type MadeHistory, tangles } from './merge-cases.ts';

const folder = await scratchFolder(afterAll);
let count = 0;

const create = () => GitRepository.create(join(folder, `histories-${count++}.git`));

/** How often our merge is git's, both have a conflict, and only we have one. */
interface Tally {
  same: number;
  conflict: number;
  cautious: number;
}

async function compare(histories: readonly MadeHistory[], tally: Tally): Promise<void> {
  const repository = await create();
  let marks = 0;
  const scripts = histories.map((history, index) => {
    const script = importScript(history, `h${index}`, marks);
    marks += history.length;
    return script;
  });
  await repository.git(['fast-import', '--quiet', '--force'], { input: Buffer.concat(scripts) });
  const refs = await repository.git(['for-each-ref', '--format=%(refname:short) %(objectname)']);
  const commits = new Map(refs.split('\n').map((line) => line.split(' ') as [string, CommitSha]));
  const pairs = histories.map((_history, index) => {
    const [ours, theirs] = [commits.get(`h${index}-ours`), commits.get(`h${index}-theirs`)];
    if (ours === undefined || theirs === undefined) throw new Error('Git has made no such branch.');
    return [ours, theirs] as const;
  });
  const judgements = await judged(repository, pairs);
  for (const [index, git] of judgements.entries()) {
    if (git.hasDied) continue;
    const merge = await mergedByUs(repository, ...pairs[index]!);
    if (merge.result === 'merged') {
      // Never less careful than git.
      expect({ isClean: git.isClean, history: histories[index] }).toEqual({
        isClean: true,
        history: histories[index],
      });
      expect({ tree: treeOf(merge), history: histories[index] }).toEqual({
        tree: git.tree,
        history: histories[index],
      });
      tally.same++;
    } else {
      expect(merge.result).toBe('conflict');
      tally[git.isClean ? 'cautious' : 'conflict']++;
    }
  }
}

describe('a merge', () => {
  it.each([
    ['branches of one commit', forks],
    ['branches that were merged into each other before', tangles],
  ])(
    'of %s is what git makes of it, or has a conflict',
    async (_what, histories) => {
      const tally: Tally = { same: 0, conflict: 0, cautious: 0 };
      await fc.assert(
        fc.asyncProperty(fc.array(histories, { minLength: 40, maxLength: 60 }), (cases) =>
          compare(cases, tally),
        ),
        { numRuns: 2, endOnFailure: true },
      );
      expect(tally.same).toBeGreaterThan(tally.cautious * 2);
      expect(tally.conflict).toBeGreaterThan(5);
    },
    120_000,
  );
});

type Files = Readonly<Record<string, Entry>>;

const body = (word: string) => Array.from({ length: 10 }, (_, line) => `${word}-${line}: 1\n`).join('');
const BASE: Files = {
  'a.yaml': body('a'),
  'dir/b.yaml': body('b'),
  'dir/c.yaml': body('c'),
  'x/e/f.yaml': body('f'),
};

/** The files in conflict, or `merged` where the result is git's. */
async function outcome(
  ours: Files,
  theirs: Files,
  base: Files = BASE,
): Promise<readonly string[] | 'merged'> {
  const repository = await create();
  const start = await repository.commit(base);
  const one = await repository.commit(ours, { branch: 'ours', onto: start });
  const other = await repository.commit(theirs, { branch: 'theirs', onto: start });
  const merge = await mergedByUs(repository, one as CommitSha, other as CommitSha);
  if (merge.result === 'conflict') return merge.files;
  expect(await judged(repository, [['ours', 'theirs']])).toMatchObject([
    { isClean: true, tree: treeOf(merge) },
  ]);
  return 'merged';
}

describe('a conflict', () => {
  it('is a file that one side changed and the other deleted', async () => {
    expect(await outcome({ 'a.yaml': 'a: 2\n' }, { 'a.yaml': null })).toEqual(['a.yaml']);
    expect(await outcome({ 'dir/b.yaml': null, 'dir/c.yaml': null }, { 'dir/b.yaml': 'b: 2\n' })).toEqual([
      'dir/b.yaml',
    ]);
  });

  it('is a name that is a file on one side and a folder on the other', async () => {
    expect(await outcome({ new: 'file\n' }, { 'new/y.yaml': 'y: 1\n' })).toEqual(['new']);
    expect(await outcome({ 'a.yaml': null, 'a.yaml/z': 'other\n' }, { 'a.yaml': 'a: 2\n' })).toEqual([
      'a.yaml',
    ]);
    expect(await outcome({ 'a.yaml': null, 'a.yaml/z': 'other\n' }, { 'dir/b.yaml': 'b: 2\n' })).toBe(
      'merged',
    );
  });

  it('is a link, a submodule or a binary file that both changed', async () => {
    const sub = (digit: string) => ({ submodule: digit.repeat(40) });
    const base = { ...BASE, l: { symlink: 'a' }, s: sub('1'), b: 'x\0\n1\n2\n3\n' };
    expect(await outcome({ l: { symlink: 'b' } }, { l: { symlink: 'c' } }, base)).toEqual(['l']);
    expect(await outcome({ s: sub('2') }, { s: sub('3') }, base)).toEqual(['s']);
    expect(await outcome({ b: 'y\0\n1\n2\n3\n' }, { b: 'x\0\n1\n2\n4\n' }, base)).toEqual(['b']);
    expect(await outcome({ l: { symlink: 'b' }, s: sub('2') }, { b: 'other\n' }, base)).toBe('merged');
    expect(await outcome({ 'a.yaml': { symlink: 'x' } }, { 'a.yaml': 'a: 2\n' })).toEqual(['a.yaml']);
  });

  it('is a file that both added and not alike', async () => {
    expect(await outcome({ n: 'one\n' }, { n: 'two\n' })).toEqual(['n']);
    expect(await outcome({ n: 'one\n' }, { n: 'one\n' })).toBe('merged');
  });

  it('is a file that one side moved and the other changed, moved elsewhere or deleted', async () => {
    const moved = { 'a.yaml': null, 'other/a.yaml': body('a') };
    expect(await outcome(moved, { 'a.yaml': `first: 1\n${body('a')}` })).toEqual(['a.yaml']);
    expect(await outcome(moved, { 'a.yaml': null })).toEqual(['a.yaml', 'other/a.yaml']);
    expect(await outcome(moved, { 'a.yaml': null, 'new.yaml': `${body('a')}last: 1\n` })).toEqual([
      'a.yaml',
      'new.yaml',
      'other/a.yaml',
    ]);
    expect(await outcome(moved, moved)).toBe('merged');
    expect(await outcome(moved, { ...moved, 'new.yaml': `${body('a')}last: 1\n` })).toBe('merged');
    expect(await outcome(moved, { 'dir/b.yaml': 'b: 2\n' })).toBe('merged');
  });

  it('is a file added to a folder that the other side has given another name', async () => {
    const renamed = {
      'dir/b.yaml': null,
      'dir/c.yaml': null,
      'new/b.yaml': body('b'),
      'new/c.yaml': body('c'),
    };
    expect(await outcome(renamed, { 'dir/added.yaml': 'n: 1\n' })).toEqual(['dir/added.yaml']);
    expect(await outcome(renamed, { 'dir/deep/er/added.yaml': 'n: 1\n' })).toEqual([
      'dir/deep/er/added.yaml',
    ]);
    expect(await outcome({ 'dir/b.yaml': null, 'dir/c.yaml': null }, { 'dir/added.yaml': 'n: 1\n' })).toBe(
      'merged',
    );
  });

  it('is a file with changes of both sides that .gitattributes has merged otherwise', async () => {
    const [ours, theirs] = [
      { 'dir/b.yaml': `first: 1\n${body('b')}` },
      { 'dir/b.yaml': `${body('b')}last: 1\n` },
    ];
    const under = (attributes: string, path = '.gitattributes') =>
      outcome(ours, theirs, { ...BASE, [path]: attributes });
    for (const attributes of [
      '*.yaml merge=union\n',
      '*.yaml -merge\n',
      'dir/* binary\n',
      '/dir/b.yaml merge=ours\n',
      'd?r/**/[ab].yaml merge=binary\n',
      '"dir/b.yaml" merge=mine\n',
      '[attr]special merge=special\n*.yaml special\n',
      `${'*a'.repeat(30)} -merge\n`,
    ]) {
      expect([attributes, await under(attributes)]).toEqual([attributes, ['dir/b.yaml']]);
    }
    expect(await under('*.yaml merge=union\n', 'dir/.gitattributes')).toEqual(['dir/b.yaml']);
    for (const attributes of ['*.yaml text merge\n*.png binary\n', '/b.yaml -merge\n', '# *.yaml -merge\n']) {
      expect([attributes, await under(attributes)]).toEqual([attributes, 'merged']);
    }
  });
});

describe('modes', () => {
  it('are merged beside contents', async () => {
    const repository = await create();
    const start = await repository.commit(BASE);
    await repository.commit({ 'a.yaml': `first: 1\n${body('a')}` }, { branch: 'ours', onto: start });
    const commands = `commit refs/heads/theirs\ncommitter A <a@a> 0 +0000\ndata 1\nx\nfrom ${start}\nM 100755 ${await repository.git(['rev-parse', 'main:a.yaml'])} a.yaml\n`;
    await repository.git(['fast-import', '--quiet'], { input: commands });
    const [one, other] = [await repository.resolve('ours'), await repository.resolve('theirs')];
    const merge = await mergedByUs(repository, one as CommitSha, other as CommitSha);
    const tree = treeOf(merge);
    expect(await judged(repository, [['ours', 'theirs']])).toMatchObject([{ tree }]);
    expect(await repository.git(['ls-tree', tree, 'a.yaml'])).toMatch(/^100755 /);
  });
});
