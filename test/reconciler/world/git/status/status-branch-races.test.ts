import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { startGitServer } from '../../../../support/git-server.ts';
import { holding, recording, STATUS_REF, statusBranchAt } from '../../../../support/git-status-fixture.ts';

const server = await startGitServer();
const folder = await scratchFolder(afterAll);
afterAll(() => server.stop());

let made = 0;
const kinds = [
  { kind: 'behind a server', create: () => server.createRepository(`races-${made++}`) },
  { kind: 'in a folder', create: () => GitRepository.create(join(folder, `races-${made++}.git`)) },
];

/** The subjects of the branch's commits, and a check that none has two parents or none. */
async function linearHistory(origin: GitRepository): Promise<string[]> {
  const rows = (await origin.git(['log', '--format=%p|%s', STATUS_REF])).split('\n');
  const parents = rows.map((row) => row.split('|')[0]!.split(' ').filter(Boolean).length);
  expect(parents).toEqual([...Array<number>(rows.length - 1).fill(1), 0]);
  return rows.map((row) => row.split('|')[1]!);
}

describe.each(kinds)('several writers of a status branch $kind', ({ create }) => {
  it('all get their commits in, twenty each', async () => {
    const origin = await create();
    const left = statusBranchAt(origin.url);
    const right = statusBranchAt(origin.url);
    for (let round = 0; round < 20; round++) {
      await Promise.all([
        left.publish(recording(`left-${round}`)),
        right.publish(recording(`right-${round}`)),
      ]);
    }

    const subjects = await linearHistory(origin);
    const expected = ['left', 'right'].flatMap((name) =>
      Array.from({ length: 20 }, (_, index) => `Record ${name}-${index}`),
    );
    expect(subjects.toSorted()).toEqual(expected.toSorted());
    const files = (await statusBranchAt(origin.url).read())?.files ?? [];
    expect(files.filter(({ path }) => path.startsWith('history/'))).toHaveLength(40);
    expect(await origin.git(['fsck', '--strict', '--no-dangling'])).toBe('');
  });

  it('agree on one beginning', async () => {
    const origin = await create();
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(names.map((name) => statusBranchAt(origin.url).publish(recording(name))));
    expect((await linearHistory(origin)).toSorted()).toEqual(names.map((name) => `Record ${name}`));
  });

  it('keep what each other wrote while the branch begins again', async () => {
    const origin = await create();
    const names = Array.from({ length: 12 }, (_, index) => `entry-${index}`);
    const writers = [names.slice(0, 6), names.slice(6)].map(async (mine) => {
      const branch = statusBranchAt(origin.url);
      for (const name of mine) await branch.publish(recording(name, { keepCommits: 3 }));
    });
    await Promise.all(writers);

    const files = (await statusBranchAt(origin.url).read())?.files ?? [];
    expect(files.map(({ path }) => path)).toEqual(
      [...names.map((name) => `history/${name}.json`), 'status.json'].toSorted(),
    );
    expect((await linearHistory(origin)).length).toBeLessThanOrEqual(3);
  });

  it('go on from a commit of the git program that came in between', async () => {
    const origin = await create();
    const branch = statusBranchAt(origin.url);
    const first = await branch.publish(recording('first'));
    const theirs = await origin.commit(
      { 'theirs.txt': 'x' },
      { branch: 'other', onto: first!, message: 'Theirs' },
    );

    const seen: string[][] = [];
    await branch.publish((tip) => {
      seen.push(tip.map(({ path }) => path));
      // By the program itself and at once, so that it is there between our reading and our writing.
      execFileSync('git', ['update-ref', STATUS_REF, theirs], { cwd: origin.path });
      return recording('second')(tip);
    });

    expect(seen).toEqual([
      ['history/first.json', 'status.json'],
      ['history/first.json', 'status.json', 'theirs.txt'],
    ]);
    expect(await linearHistory(origin)).toEqual(['Record second', 'Theirs', 'Record first']);
  });
});

describe('a branch that others never stop moving', () => {
  it('is given up after ten tries', async () => {
    const origin = await server.createRepository(`races-${made++}`);
    const branch = statusBranchAt(origin.url);
    await branch.publish(recording('first'));
    let moves = 0;
    const removeHook = server.onRequest(async ({ method, url }) => {
      if (method === 'POST' && url === `${new URL(origin.url).pathname}/git-receive-pack`) {
        await origin.commit({ moves: `${moves++}` }, { branch: 'weka-gitops/status/demo' });
      }
      return undefined;
    });

    const failure = branch.publish(recording('never'));
    await expect(failure).rejects.toMatchObject({
      code: 'STATUS_RACE',
      retry: 'next-pass',
      message: expect.stringMatching(/could not be moved in 10 tries\. .* did not move/),
      hint: expect.stringMatching(/another installation/),
    });
    expect(moves).toBe(10);
    removeHook();
  });

  it('is read even where its commit is gone between two requests', async () => {
    const origin = await server.createRepository(`races-${made++}`);
    await statusBranchAt(origin.url).publish(holding({ 'status.json': 'old' }));
    let rewritten = false;
    const removeHook = server.onRequest(async ({ method, url }) => {
      if (method === 'POST' && !rewritten && url.startsWith(new URL(origin.url).pathname)) {
        rewritten = true;
        await origin.commit({ 'status.json': 'new' }, { branch: 'weka-gitops/status/demo', onto: null });
      }
      return undefined;
    });
    expect((await statusBranchAt(origin.url).read())?.files).toEqual([{ path: 'status.json', text: 'new' }]);
    removeHook();
  });
});
