import { describe, expect, it } from 'vitest';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { githubFixture } from './fixture.ts';
import { shaOf } from './stand-in-state.ts';

const { standIn, forgeAt } = await githubFixture();

async function opened() {
  const github = await standIn();
  return { github, state: github.state, forge: await forgeAt(github) };
}

describe('pull requests on GitHub', () => {
  it('are told with what a plan needs of them', async () => {
    const { state, forge } = await opened();
    state.pull(7, { title: 'More drives', draft: true });

    const [pull] = (await forge.openPullRequests('main'))!;

    expect(pull).toEqual({
      number: 7,
      title: 'More drives',
      author: 'anna',
      url: 'https://github.example/acme/infra/pull/7',
      state: 'open',
      isDraft: true,
      head: { commit: shaOf('change 7'), branch: 'change-7', repository: 'acme/infra' },
      base: 'main',
      isFork: false,
      updatedAt: state.pulls.get(7)!.updatedAt,
    });
  });

  it('come from a fork where the head is in another repository, or its repository is gone', async () => {
    const { state, forge } = await opened();
    state.pull(1, { head: { branch: 'x', sha: shaOf('1'), repository: 'mallory/infra' } });
    state.pull(2, { head: { branch: 'y', sha: shaOf('2'), repository: null }, author: null });
    state.pull(3, { head: { branch: 'z', sha: shaOf('3'), repository: 'Acme/Infra' } });

    const found = (await forge.openPullRequests('main'))!;

    expect(
      found.map(({ number, isFork, author, head }) => [number, isFork, author, head.repository]),
    ).toEqual([
      [3, false, 'anna', 'Acme/Infra'],
      [2, true, 'ghost', undefined],
      [1, true, 'anna', 'mallory/infra'],
    ]);
  });

  it('are only those that go to the branch that is asked for', async () => {
    const { state, forge } = await opened();
    state.pull(1, { base: 'production' });
    state.pull(2);

    expect((await forge.openPullRequests('main'))!.map(({ number }) => number)).toEqual([2]);
    expect((await forge.openPullRequests('production'))!.map(({ number }) => number)).toEqual([1]);
  });

  it('are told singly, merged with the commit that they became, and undefined where there is none', async () => {
    const { state, forge } = await opened();
    state.pull(7);
    const merge = state.merge(7);

    expect(await forge.pullRequest(7)).toMatchObject({ state: 'merged', mergeCommit: merge });
    expect(await forge.pullRequest(8)).toBeUndefined();
  });

  it('are found by the commit that they brought to the branch, and not by their heads', async () => {
    const { state, forge } = await opened();
    state.pull(7);
    const merge = state.merge(7) as CommitSha;
    state.pull(8);

    expect((await forge.pullRequestsOf(merge)).map(({ number }) => number)).toEqual([7]);
    expect(await forge.pullRequestsOf(shaOf('change 8') as CommitSha)).toEqual([]);
    expect(await forge.pullRequestsOf(shaOf('nobody has it') as CommitSha)).toEqual([]);
  });

  it('are opened for a branch, once', async () => {
    const { state, forge } = await opened();
    state.branches.set('weka-gitops/suspend-1', { sha: shaOf('s'), files: new Map() });
    const request = { title: 'Suspend', text: 'Asked for.', head: 'weka-gitops/suspend-1', base: 'main' };

    const made = await forge.createPullRequest(request);
    expect(made).toMatchObject({ title: 'Suspend', author: 'weka-bot', base: 'main' });
    // The answer to the first may have been lost.
    expect(await forge.createPullRequest(request)).toEqual(made);
    await expect(forge.createPullRequest({ ...request, head: 'none' })).rejects.toMatchObject({
      code: 'FORGE_REJECTED',
      message: expect.stringContaining('head is invalid') as string,
    });
  });
});

describe('comments on GitHub', () => {
  it('are written, edited and deleted, and one that is gone stays so without a word', async () => {
    const { github, state, forge } = await opened();
    state.pull(7);

    const written = await forge.comment(7, 'One');
    const edited = await forge.editComment(written.id, 'Two');
    await forge.deleteComment(written.id);
    await forge.deleteComment(written.id);

    expect(written).toMatchObject({ author: 'weka-bot', text: 'One', isEdited: false });
    expect(edited).toMatchObject({ id: written.id, text: 'Two', isEdited: true });
    expect(await forge.comments(7)).toEqual([]);
    expect(github.lines().at(-2)).toMatch(/^DELETE .* 404$/);
  });

  it('are refused by one sentence where they are too long', async () => {
    const { state, forge } = await opened();
    state.pull(7);

    await forge.comment(7, 'x'.repeat(forge.commentLimit));

    await expect(forge.comment(7, 'x'.repeat(forge.commentLimit + 1))).rejects.toThrow(
      'GitHub refuses POST /api/v3/repos/acme/infra/issues/7/comments (422): Validation Failed; body is too long',
    );
  });

  it('since a time are those written since, not those edited', async () => {
    const { state, forge } = await opened();
    state.pull(7);
    const old = state.comment(7, 'anna', 'Old');
    const since = state.tick();
    state.comment(7, 'bert', 'New');
    Object.assign(old, { body: 'Old, edited', updatedAt: state.tick() });

    expect((await forge.comments(7, since)).map(({ text }) => text)).toEqual(['New']);
    expect((await forge.comments(7)).map(({ text, isEdited }) => [text, isEdited])).toEqual([
      ['Old, edited', true],
      ['New', false],
    ]);
  });
});

describe('what else GitHub knows', () => {
  it('is who we are, asked once', async () => {
    const { github, forge } = await opened();

    expect([await forge.self(), await forge.self()]).toEqual(['weka-bot', 'weka-bot']);
    expect(github.lines()).toEqual(['GET /user 200']);
  });

  it('is who GitHub says has written what we wrote, once the account has another name', async () => {
    const { github, state, forge } = await opened();
    state.pull(7);
    expect(await forge.self()).toBe('weka-bot');

    state.tokens.set('ghp_ours', { login: 'weka-robot', kind: 'user' });
    await forge.comment(7, 'One');

    expect(await forge.self()).toBe('weka-robot');
    expect(github.lines().filter((line) => line.startsWith('GET /user '))).toHaveLength(1);
  });

  it('is who the token of a workflow belongs to', async () => {
    const { github, state } = await opened();
    state.tokens.set('ghs_workflow', { login: 'github-actions[bot]', kind: 'installation' });
    const forge = await forgeAt(github, { credentials: () => Promise.resolve({ token: 'ghs_workflow' }) });

    expect(await forge.self()).toBe('github-actions[bot]');
  });

  it('is the reviews that were handed in', async () => {
    const { state, forge } = await opened();
    state.pull(7);
    state.review(7, 'anna', 'COMMENTED');
    state.review(7, 'bert', 'PENDING');
    const approval = state.review(7, 'carl', 'APPROVED');

    expect((await forge.reviews(7)).map(({ author, verdict }) => [author, verdict])).toEqual([
      ['anna', 'commented'],
      ['carl', 'approved'],
    ]);
    expect((await forge.reviews(7))[1]).toMatchObject({
      commit: shaOf('change 7'),
      at: approval.submittedAt,
    });
  });

  it('is the newest status of a name at a commit', async () => {
    const { forge } = await opened();
    const commit = shaOf('c') as CommitSha;
    const status = { context: 'weka-gitops/prod', state: 'pending', description: 'Applying' } as const;

    expect(await forge.commitStatus(commit, 'weka-gitops/prod')).toBeUndefined();
    await forge.setCommitStatus(commit, status);
    await forge.setCommitStatus(commit, { ...status, context: 'ci', state: 'failure' });
    expect(await forge.commitStatus(commit, 'weka-gitops/prod')).toEqual(status);
    await forge.setCommitStatus(commit, { ...status, state: 'success', url: 'https://status.example/x' });
    expect(await forge.commitStatus(commit, 'weka-gitops/prod')).toEqual({
      ...status,
      state: 'success',
      url: 'https://status.example/x',
    });
  });

  it('is what somebody may do', async () => {
    const { state, forge } = await opened();
    for (const each of ['admin', 'maintain', 'write', 'triage', 'read'] as const)
      state.permissions.set(each, each);

    const asked = ['admin', 'maintain', 'write', 'triage', 'read', 'stranger'];
    expect(await Promise.all(asked.map((login) => forge.permission(login)))).toEqual([
      'admin',
      'write',
      'write',
      'read',
      'read',
      'none',
    ]);
  });

  it('is a file of a branch, and nothing where there is a folder or nothing', async () => {
    const { state, forge } = await opened();
    state.branches.get('main')!.files.set('clusters/prod/größe #1.yaml', 'kind: Settings\n# é\n');

    expect(await forge.file('main', 'clusters/prod/größe #1.yaml')).toBe('kind: Settings\n# é\n');
    expect(await forge.file('main', 'clusters/prod')).toBeUndefined();
    expect(await forge.file('main', 'settings.yaml')).toBeUndefined();
    expect(await forge.file('gone', 'clusters/prod/größe #1.yaml')).toBeUndefined();
  });
});

describe('a commit by GitHub', () => {
  it('adds a file to a branch that it makes, and changes it there', async () => {
    const { state, forge } = await opened();
    const from = state.branches.get('main')!.sha as CommitSha;
    const change = {
      branch: 'weka-gitops/suspend-1',
      path: 'a/settings.yaml',
      text: 'one\n',
      message: 'Suspend',
    };

    const first = await forge.commitFile(change, from);
    const second = await forge.commitFile({ ...change, text: 'two\n' });

    expect(first).not.toBe(second);
    expect(state.branches.get(change.branch)).toMatchObject({ sha: second });
    expect(await forge.file(change.branch, change.path)).toBe('two\n');
    expect(await forge.file('main', change.path)).toBeUndefined();
  });

  it('goes onto a branch that an attempt before it has only made', async () => {
    const { state, forge } = await opened();
    const from = state.branches.get('main')!.sha as CommitSha;
    state.branches.set('weka-gitops/suspend-1', { sha: from, files: new Map() });
    const change = {
      branch: 'weka-gitops/suspend-1',
      path: 'settings.yaml',
      text: 'one\n',
      message: 'Suspend',
    };

    const commit = await forge.commitFile(change, from);

    // The answer may have been lost.
    expect(await forge.commitFile(change, from)).toBe(commit);
    expect(await forge.commitFile(change)).toBe(commit);
    // By now it is another one’s, or has moved on.
    await expect(forge.commitFile({ ...change, text: 'two\n' }, from)).rejects.toMatchObject({
      code: 'FORGE_REJECTED',
      status: 422,
    });
  });
});

describe('pages of GitHub', () => {
  it('are known without asking', async () => {
    const { github, forge } = await opened();
    const commit = shaOf('c') as CommitSha;

    expect(forge.pages.line(commit, 'a b/(x)#.yaml', 3)).toBe(
      `${github.url}/acme/infra/blob/${commit}/a%20b/%28x%29%23.yaml#L3`,
    );
    expect(forge.pages.commit(commit)).toBe(`${github.url}/acme/infra/commit/${commit}`);
    expect(forge.pages.pullRequest(7)).toBe(`${github.url}/acme/infra/pull/7`);
    expect(forge.pages.branch('weka-gitops/status/prod')).toBe(
      `${github.url}/acme/infra/tree/weka-gitops/status/prod`,
    );
    expect(github.heard).toEqual([]);
  });
});
