import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Blame, CommitSha, History } from '../../../../../reconciler/ports.ts';
import { openRepository } from '../../../../../reconciler/world/git/repository.ts';
import { worktreeHistory } from '../../../../../reconciler/world/git/history/worktree-history.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { runGit } from '../../../../support/git-command.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer } from '../../../../support/git-server.ts';
import {
  branchedHistories,
  importScript,
  type MadeCommit,
  manifestHistories,
  renamedHistories,
} from './histories.ts';

const server = await startGitServer();
afterAll(() => server.stop());
const folder = await scratchFolder(afterAll);

let count = 0;

async function local(): Promise<GitRepository> {
  return await GitRepository.create(join(folder, `local-${count++}.git`));
}

async function served(): Promise<GitRepository> {
  return await server.createRepository(`blamed-${count++}`);
}

/** The history of a branch, through a clone of its own where the repository is on a server. */
async function historyOf({ url }: GitRepository, ref = 'main'): Promise<History> {
  const cacheDir = join(folder, `cache-${count++}`);
  const snapshot = await openRepository({ url, ref, path: '', cacheDir }).read();
  return snapshot.history!();
}

/** For each line of a file the commit, and the line and file there, by git itself. */
async function gitBlame(repository: GitRepository, ref: string, file: string): Promise<readonly string[]> {
  const text = await repository.git(['blame', '--porcelain', '--incremental', ref, '--', file]);
  const told: string[] = [];
  let head: RegExpExecArray | null = null;
  for (const line of text.split('\n')) {
    head = /^([0-9a-f]{40}) (\d+) (\d+) (\d+)$/.exec(line) ?? head;
    const name = /^filename (.*)$/.exec(line)?.[1];
    if (name === undefined || head === null) continue;
    const [, sha, from, to, lines] = head;
    for (let each = 0; each < Number(lines); each++) {
      told[Number(to) - 1 + each] = `${sha} ${name}:${Number(from) + each}`;
    }
  }
  return told;
}

function words(blame: Blame): string {
  return blame.found === 'commit' ? `${blame.commit.sha} ${blame.file}:${blame.line}` : blame.found;
}

/** What we and git say of each line of the last commit of each history. One process writes all of them. */
async function blamed(repository: GitRepository, histories: readonly (readonly MadeCommit[])[]) {
  const refs = histories.map(() => `history-${count++}`);
  const input = histories.map((commits, index) =>
    importScript(commits, `refs/heads/${refs[index]!}`, index * 100),
  );
  await repository.git(['fast-import', '--quiet'], { input: input.join('\n') });
  return await Promise.all(
    histories.map(async (commits, index) => {
      const ref = refs[index]!;
      const { file, lines } = commits.at(-1)!;
      const theirs = gitBlame(repository, ref, file);
      const history = await historyOf(repository, ref);
      const ours: string[] = [];
      for (const line of lines.keys()) ours.push(words(await history.blame({ file, line: line + 1 })));
      return { ours, theirs: await theirs };
    }),
  );
}

/** Whether we say what git says, of histories by the dozen. */
async function agree(
  repository: GitRepository,
  histories: fc.Arbitrary<readonly MadeCommit[]>,
  numRuns: number,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(histories, { minLength: 12, maxLength: 12 }), async (all) => {
      for (const { ours, theirs } of await blamed(repository, all)) expect(ours).toEqual(theirs);
    }),
    { numRuns },
  );
}

describe('whom a line is from', () => {
  it('is what git blame says, in any history of branches and merges', async () => {
    await agree(await local(), branchedHistories, 5);
  });

  it('is what git blame says where the file got other names', async () => {
    await agree(await local(), renamedHistories, 2);
  });

  it('is what git blame says through a clone that holds one commit at first', async () => {
    await agree(await served(), branchedHistories, 1);
  });
});

describe('whom lines are from of which many are alike', () => {
  it('is nearly always what git blame says, though nobody can know it', async () => {
    const histories = fc.sample(manifestHistories, { numRuns: 60, seed: 6 });
    const lines = (await blamed(await local(), histories)).flatMap(({ ours, theirs }) =>
      theirs.map((each, line) => each === ours[line]),
    );
    expect(lines.length).toBeGreaterThan(1_000);
    expect(lines.filter(Boolean).length / lines.length).toBeGreaterThan(0.98);
  });
});

describe('the history of a clone', () => {
  it('is fetched no further than it takes', async () => {
    const repository = await served();
    await repository.git(['fast-import', '--quiet'], { input: importScript(changing(300)) });
    const history = await historyOf(repository);
    const fetches = () =>
      server.requests.filter(
        ({ method, url }) => method === 'POST' && url.includes(repository.url.split('/').at(-1)!),
      );
    expect(fetches()).toHaveLength(1);

    const near = await history.blame({ file: 'a.yaml', line: 2 });
    expect(near).toMatchObject({
      found: 'commit',
      commit: { subject: 'Commit 299', author: 'Ada Author' },
      line: 2,
    });
    expect(fetches()).toHaveLength(2);
    const far = await history.blame({ file: 'a.yaml', line: 1 });
    expect(far).toMatchObject({ found: 'commit', commit: { subject: 'Commit 0' } });
    expect(fetches()).toHaveLength(4);
  });

  it('is given up after 1,000 commits, which is said with the oldest that was seen', async () => {
    const repository = await served();
    await repository.git(['fast-import', '--quiet'], { input: importScript(changing(1_100)) });
    const history = await historyOf(repository);
    expect(await history.blame({ file: 'a.yaml', line: 1 })).toMatchObject({
      found: 'older',
      why: 'not changed in the last 1,000 commits',
      since: { subject: 'Commit 100' },
    });
  });

  it('that cannot be fetched says so, and how far it was', async () => {
    const repository = await served();
    await repository.git(['fast-import', '--quiet'], { input: importScript(changing(30)) });
    const history = await historyOf(repository);
    const remove = server.onRequest(({ url }) =>
      url.includes(repository.url.split('/').at(-1)!) ? { refuse: 503 } : undefined,
    );
    const blame = await history.blame({ file: 'a.yaml', line: 1 });
    remove();
    expect(blame).toMatchObject({
      found: 'older',
      why: expect.stringMatching(/^not changed in the last 1 commit; older ones could not be fetched: .*503/),
    });
  });

  it('of a shallow repository on this machine ends where that ends', async () => {
    const repository = await local();
    await repository.git(['fast-import', '--quiet'], { input: importScript(changing(9)) });
    const clone = join(folder, `shallow-${count++}`);
    await runGit(folder, ['clone', '--quiet', '--depth', '3', `file://${repository.path}`, clone]);
    const history = await historyOf(new GitRepository(clone, clone));
    expect(await history.blame({ file: 'a.yaml', line: 1 })).toMatchObject({
      found: 'older',
      why: 'not changed in the last 3 commits, and the clone holds no older ones',
    });
  });
});

/** Commits of which each changes the second line of two. */
function changing(length: number): readonly MadeCommit[] {
  return Array.from({ length }, (_, index) => ({
    parents: index === 0 ? [] : [index - 1],
    file: 'a.yaml',
    lines: ['kept: 1', `changed: ${index}`],
  }));
}

describe('a line of a working tree', () => {
  it('is from its commit, or from none yet', async () => {
    const tree = join(folder, `tree-${count++}`);
    await mkdir(join(tree, 'site'), { recursive: true });
    await runGit(tree, ['init', '--quiet', '--initial-branch=main']);
    expect(await worktreeHistory(tree)).toBeUndefined();
    await writeFile(join(tree, 'site', 'a.yaml'), 'a: 1\nb: 2\n');
    await runGit(tree, ['add', '.']);
    await runGit(tree, ['commit', '--quiet', '--message', 'Begin']);
    await writeFile(join(tree, 'site', 'a.yaml'), 'new: 0\na: 1\nb: 3\n');
    await writeFile(join(tree, 'site', 'b.yaml'), 'a: 1\n');

    const history = await worktreeHistory(join(tree, 'site'));
    const blame = async (file: string, line: number) => await history!.blame({ file, line });
    expect(await blame('a.yaml', 2)).toMatchObject({
      found: 'commit',
      commit: { subject: 'Begin' },
      line: 1,
    });
    expect(await blame('a.yaml', 1)).toEqual({ found: 'uncommitted' });
    expect(await blame('a.yaml', 3)).toEqual({ found: 'uncommitted' });
    expect(await blame('b.yaml', 1)).toEqual({ found: 'uncommitted' });
  });

  it('is blamed on the branch of its own working tree, of several', async () => {
    const tree = join(folder, `tree-${count++}`);
    const second = join(folder, `tree-${count++}`);
    await mkdir(tree);
    await runGit(tree, ['init', '--quiet', '--initial-branch=main']);
    await writeFile(join(tree, 'a.yaml'), 'a: 1\n');
    await runGit(tree, ['add', '.']);
    await runGit(tree, ['commit', '--quiet', '--message', 'Begin']);
    await runGit(tree, ['worktree', 'add', '--quiet', '-b', 'side', second]);
    await writeFile(join(second, 'a.yaml'), 'a: 2\n');
    await runGit(second, ['commit', '--quiet', '--all', '--message', 'On the side']);
    const history = await worktreeHistory(second);
    expect(await history!.blame({ file: 'a.yaml', line: 1 })).toMatchObject({
      found: 'commit',
      commit: { subject: 'On the side' },
    });
    await rm(second, { recursive: true });
  });
});

describe('what took a manifest away', () => {
  it('is the commit after which no file says it, though it was moved before', async () => {
    const repository = await served();
    await repository.commit({ 'a.yaml': 'name: site\n', 'b.yaml': 'name: other\n' }, { message: 'Begin' });
    await repository.commit({ 'a.yaml': null, 'c.yaml': 'x: 1\nname: site\n' }, { message: 'Move it' });
    const before = await repository.resolve('main');
    await repository.commit({ 'c.yaml': 'x: 1\n' }, { message: 'Take it away' });
    await repository.commit({ 'b.yaml': 'name: another\n' }, { message: 'Something else' });
    const history = await historyOf(repository);
    const says = (name: string) =>
      history.removal(({ content }) => Buffer.from(content).includes(`name: ${name}\n`));

    expect(await says('site')).toMatchObject({
      found: 'commit',
      commit: { subject: 'Take it away' },
      before,
      file: 'c.yaml',
    });
    expect(await says('nobody')).toEqual({ found: 'older', why: 'no commit of this branch took it away' });
  });
});

describe('the commits since an earlier one', () => {
  it('are those that the branch went through, and of merged branches only the merges', async () => {
    const repository = await served();
    const first = await repository.commit({ 'a.yaml': 'a: 1\n' });
    const second = await repository.commit({ 'a.yaml': 'a: 2\n' });
    await repository.branch('change', 'main');
    await repository.commit({ 'b.yaml': 'b: 1\n' }, { branch: 'change' });
    const aside = await repository.commit({ 'b.yaml': 'b: 2\n' }, { branch: 'change' });
    const third = await repository.commit({ 'a.yaml': 'a: 3\n' });
    const tree = await repository.git(['rev-parse', `${third}^{tree}`]);
    const merge = await repository.git(['commit-tree', tree, '-p', third, '-p', aside, '-m', 'Merge']);
    await repository.git(['update-ref', 'refs/heads/main', merge]);
    const cacheDir = join(folder, `cache-${count++}`);
    const { history } = await openRepository({ url: repository.url, ref: 'main', path: '', cacheDir }).read(
      first as CommitSha,
    );
    const since = async (commit: string) => await history!().commitsSince(commit as CommitSha);
    expect(await since(merge)).toEqual([]);
    expect(await since(first)).toEqual([merge, third, second]);
    // The branch did not go through these.
    expect(await since(aside)).toEqual([]);
    expect(await since('0'.repeat(40))).toEqual([]);
  });

  it('are none where the clone does not reach as far, and nothing is fetched for them', async () => {
    const repository = await served();
    const first = await repository.commit({ 'a.yaml': 'a: 1\n' });
    await repository.commit({ 'a.yaml': 'a: 2\n' });
    await repository.commit({ 'a.yaml': 'a: 3\n' });
    const history = await historyOf(repository);
    server.clearRequests();
    expect(await history.commitsSince(first as CommitSha)).toEqual([]);
    expect(server.requests).toEqual([]);
  });
});
