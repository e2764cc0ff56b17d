import { describe, expect, it } from 'vitest';
import type { CommitSha } from '../../../../../reconciler/ports.ts';
import { until } from '../../../../cluster/until.ts';
import { faultProxy } from '../../../../forge/fault-proxy.ts';
import { giteaForge } from '../../../../forge/gitea-forge.ts';
import type { GiteaRepository } from '../../../../forge/gitea-repository.ts';
import type { GiteaUser } from '../../../../forge/gitea-user.ts';
import { sharedGitea } from '../../../../forge/gitea.ts';

const gitea = await sharedGitea();

/** A repository with one commit on `main`. */
async function aRepository(): Promise<{ ada: GiteaUser; repository: GiteaRepository; first: CommitSha }> {
  const ada = await gitea.user('ada');
  const repository = await gitea.repository(ada, 'cluster');
  const first = (await repository.push({ 'a.yaml': 'a: 1\n' }, { message: 'One' })) as CommitSha;
  return { ada, repository, first };
}

describe('pull requests on Gitea', () => {
  it('are told as they are', async () => {
    const { ada, repository } = await aRepository();
    const bob = await gitea.user('bob');
    await repository.allow(bob, 'write');
    const head = await repository.pushBranch('team/change', { 'a.yaml': 'a: 2\n' });
    const number = await repository.openPullRequest({ head: 'team/change', title: 'WIP: Two', as: bob });
    const forge = await giteaForge(repository, ada.token);

    const pullRequest = await forge.pullRequest(number);
    expect(pullRequest).toEqual({
      number,
      title: 'WIP: Two',
      author: bob.name,
      url: `${gitea.url}/${repository.fullName}/pulls/${number}`,
      state: 'open',
      isDraft: true,
      head: { commit: head, branch: 'team/change', repository: repository.fullName },
      base: 'main',
      isFork: false,
      updatedAt: expect.any(Date) as Date,
    });
    expect(await forge.openPullRequests('main')).toEqual([pullRequest]);
    expect(await forge.openPullRequests('release')).toEqual([]);
    expect(await forge.pullRequest(number + 1)).toBeUndefined();
  });

  it.each(['merge', 'squash', 'rebase'] as const)(
    'are found by the commit that came of them by %s',
    async (by) => {
      const { ada, repository, first } = await aRepository();
      const forge = await giteaForge(repository, ada.token);
      await repository.pushBranch(by, { [`${by}.yaml`]: 'a: 1\n' });
      const number = await repository.openPullRequest({ head: by });
      const commit = (await repository.merge(number, { by })) as CommitSha;
      const merged = await forge.pullRequest(number);
      expect(merged).toMatchObject({ number, state: 'merged', mergeCommit: commit });
      expect(await forge.pullRequestsOf(commit)).toEqual([merged]);
      expect(await forge.pullRequestsOf(first)).toEqual([]);
    },
  );

  it('are told as closed', async () => {
    const { ada, repository } = await aRepository();
    await repository.pushBranch('other', { 'other.yaml': 'a: 1\n' });
    const number = await repository.openPullRequest({ head: 'other' });
    await repository.close(number);
    const told = await (await giteaForge(repository, ada.token)).pullRequest(number);
    expect(told).toMatchObject({ state: 'closed' });
    expect(told).not.toHaveProperty('mergeCommit');
  });

  it('are of a fork where whoever wrote them may only read, also without a repository of their own', async () => {
    const { ada, repository } = await aRepository();
    const eve = await gitea.user('eve');
    const fork = await repository.fork(eve);
    await fork.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const number = await repository.openPullRequest({ head: `${eve.name}:change`, as: eve });
    const forge = await giteaForge(repository, ada.token);
    expect(await forge.pullRequest(number)).toMatchObject({
      isFork: true,
      head: { branch: 'change', repository: fork.fullName },
    });

    // Gitea opens a pull request for a push to such a ref, which takes no right to write.
    await repository.local.branch('mine', 'main');
    const commit = await repository.local.commit({ 'a.yaml': 'a: 3\n' }, { branch: 'mine' });
    await repository.local.git([
      'push',
      '--quiet',
      '-o',
      'topic=mine',
      repository.urlFor(eve),
      'mine:refs/for/main',
    ]);
    const pushed = (await forge.openPullRequests('main'))!.find(({ head }) => head.commit === commit);
    expect(pushed).toMatchObject({ author: eve.name, isFork: true });
    expect(await forge.pullRequest(pushed!.number)).toEqual(pushed);

    await eve.request('DELETE', fork.path());
    const orphan = await forge.pullRequest(number);
    expect(orphan).toMatchObject({ isFork: true });
    expect(orphan!.head).not.toHaveProperty('repository');
  });

  it('are told again only where something has changed', async () => {
    const { ada, repository } = await aRepository();
    const bob = await gitea.user('bob');
    await repository.allow(bob, 'write');
    await repository.pushBranch('one', { 'a.yaml': 'a: 2\n' });
    await repository.pushBranch('two', { 'a.yaml': 'a: 3\n' });
    const one = await repository.openPullRequest({ head: 'one' });
    const two = await repository.openPullRequest({ head: 'two' });
    const forge = await giteaForge(repository, ada.token);
    const still = () =>
      until('nothing changes any more', async () => (await forge.openPullRequests('main')) === undefined);
    const told = async () => (await forge.openPullRequests('main'))?.map(({ number }) => number);

    await still();
    const comment = await repository.comment(one, 'Why?', bob);
    expect(await told()).toEqual([one, two]);
    await still();
    await repository.review(two, { verdict: 'APPROVED', as: bob });
    expect(await told()).toEqual([two, one]);
    await still();
    await ada.request('DELETE', repository.path('issues', 'comments', comment));
    expect(await told()).toEqual([two, one]);
    await still();
    await repository.push({ 'a.yaml': 'a: 4\n' }, { branch: 'one' });
    expect(await told()).toContain(one);
    await still();
    await repository.close(one);
    expect(await told()).toEqual([two]);
    await still();
    expect(await told()).toBeUndefined();
  });

  it('are told once more where the last change is younger than the clock can tell', async () => {
    const { ada, repository } = await aRepository();
    await repository.pushBranch('one', { 'a.yaml': 'a: 2\n' });
    await repository.openPullRequest({ head: 'one' });
    const proxy = await faultProxy(gitea.url);
    const forge = await giteaForge(repository, ada.token, { url: proxy.url });
    const { updatedAt: changed } = (await forge.pullRequest(1))!;
    const after = (ms: number) => ({ date: new Date(changed.getTime() + ms).toUTCString() });

    proxy.headers = after(1000);
    await forge.openPullRequests('main');
    // Something else may have happened within that second.
    expect(await forge.openPullRequests('main')).toHaveLength(1);
    proxy.headers = after(5000);
    expect(await forge.openPullRequests('main')).toHaveLength(1);
    expect(await forge.openPullRequests('main')).toBeUndefined();
  });

  it('are proposed once', async () => {
    const { ada, repository } = await aRepository();
    await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const forge = await giteaForge(repository, ada.token);
    const request = { title: 'Two', text: 'Because.', head: 'change', base: 'main' };
    const made = await forge.createPullRequest(request);
    expect(made).toMatchObject({ title: 'Two', state: 'open', head: { branch: 'change' }, base: 'main' });
    expect((await forge.createPullRequest(request)).number).toBe(made.number);
  });
});

describe('comments on Gitea', () => {
  it('are written, edited, listed and deleted', async () => {
    const { ada, repository } = await aRepository();
    const bob = await gitea.user('bob');
    await repository.allow(bob, 'write');
    await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const number = await repository.openPullRequest({ head: 'change' });
    const forge = await giteaForge(repository, bob.token);
    expect(await forge.self()).toBe(bob.name);

    const asked = await repository.comment(number, 'What happens?', ada);
    const text = '<!-- ours -->\n| a |\n| --- |\n| `b` ü😀 |\n';
    const made = await forge.comment(number, text);
    expect(made).toMatchObject({ author: bob.name, text, isEdited: false });
    expect(made.url).toBe(`${gitea.url}/${repository.fullName}/pulls/${number}#issuecomment-${made.id}`);
    expect(await forge.comments(number)).toMatchObject([{ id: asked, author: ada.name }, made]);
    expect(await forge.comments(number, made.createdAt)).toContainEqual(made);
    expect(await forge.comments(number, new Date(made.createdAt.getTime() + 1000))).toEqual([]);

    const edited = await until('it shows that it was edited', async () => {
      const again = await forge.editComment(made.id, `${text}${Date.now()}`);
      return again.isEdited && again;
    });
    expect(await forge.comments(number)).toMatchObject([{ id: asked }, edited]);

    await forge.deleteComment(made.id);
    await forge.deleteComment(made.id);
    expect(await forge.comments(number)).toMatchObject([{ id: asked, text: 'What happens?' }]);
  });

  it('may be as long as we say', async () => {
    const { ada, repository } = await aRepository();
    await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const number = await repository.openPullRequest({ head: 'change' });
    const forge = await giteaForge(repository, ada.token);
    const text = '😀ü'
      .repeat(forge.commentLimit)
      .slice(0, forge.commentLimit - 1)
      .padEnd(forge.commentLimit, '.');
    expect(text).toHaveLength(forge.commentLimit);
    await forge.comment(number, text);
    expect((await forge.comments(number))[0]!.text === text).toBe(true);
  });
});

describe('reviews on Gitea', () => {
  it('are told once they are handed in', async () => {
    const { ada, repository } = await aRepository();
    const [bob, cyd] = await Promise.all([gitea.user('bob'), gitea.user('cyd')]);
    await repository.allow(bob, 'write');
    const head = await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const number = await repository.openPullRequest({ head: 'change' });
    const forge = await giteaForge(repository, ada.token);

    const refused = await repository.review(number, { verdict: 'REQUEST_CHANGES', as: cyd });
    await repository.review(number, { verdict: 'COMMENT', as: cyd });
    await repository.review(number, { verdict: 'APPROVED', as: bob });
    // Begun, and not handed in.
    await ada.request('POST', repository.path('pulls', number, 'reviews'), { body: 'Hm.' });
    await ada.request('POST', repository.path('pulls', number, 'requested_reviewers'), {
      reviewers: [bob.name],
    });
    const dismissal = { message: 'It was mended.', priors: false };
    await ada.request('POST', repository.path('pulls', number, 'reviews', refused, 'dismissals'), dismissal);

    const at = expect.any(Date) as Date;
    expect(await forge.reviews(number)).toEqual([
      { author: cyd.name, verdict: 'dismissed', commit: head, at },
      { author: cyd.name, verdict: 'commented', commit: head, at },
      { author: bob.name, verdict: 'approved', commit: head, at },
    ]);
  });
});

describe('commit statuses on Gitea', () => {
  it('are the newest of their name', async () => {
    const { ada, repository, first } = await aRepository();
    const forge = await giteaForge(repository, ada.token);
    const context = 'weka-gitops/east';
    expect(await forge.commitStatus(first, context)).toBeUndefined();
    const states = ['pending', 'success', 'failure', 'error', 'success', 'pending'] as const;
    for (const [index, state] of states.entries()) {
      const status = { context, state, description: `The plan, look ${index}.`, url: 'https://example.com/' };
      await forge.setCommitStatus(first, status);
      expect(await forge.commitStatus(first, context)).toEqual(status);
    }
    await forge.setCommitStatus(first, { context: 'other', state: 'success', description: '' });
    expect(await forge.commitStatus(first, 'other')).toEqual({
      context: 'other',
      state: 'success',
      description: '',
    });
    expect(await forge.commitStatus(first, context)).toMatchObject({ state: 'pending' });
  });
});

describe('permissions on Gitea', () => {
  it('are told to an administrator of the repository', async () => {
    const { ada, repository } = await aRepository();
    const [bob, cyd, eve] = await Promise.all(['bob', 'cyd', 'eve'].map((name) => gitea.user(name)));
    await repository.allow(bob!, 'write');
    await repository.allow(cyd!, 'admin');
    const forge = await giteaForge(repository, ada.token);
    const told = await Promise.all([ada, bob!, cyd!, eve!].map(({ name }) => forge.permission(name)));
    expect(told).toEqual(['admin', 'write', 'admin', 'read']);
    expect(await forge.permission('nobody-of-that-name')).toBe('none');
  });

  it('are found out by an account that may only write', async () => {
    const { ada, repository } = await aRepository();
    const [bob, cyd, eve] = await Promise.all(['bob', 'cyd', 'eve'].map((name) => gitea.user(name)));
    await repository.allow(bob!, 'write');
    await repository.allow(cyd!, 'write');
    const forge = await giteaForge(repository, bob!.token);
    const told = await Promise.all([ada, bob!, cyd!, eve!].map(({ name }) => forge.permission(name)));
    expect(told).toEqual(['write', 'write', 'write', 'read']);
  });

  it('are not guessed in an organization', async () => {
    const [ada, bob, cyd] = await Promise.all(['ada', 'bob', 'cyd'].map((name) => gitea.user(name)));
    const organization = `org-${ada!.name}`;
    await ada!.request('POST', '/orgs', { username: organization });
    await ada!.request('POST', `/orgs/${organization}/repos`, { name: 'cluster', auto_init: true });
    const path = `/repos/${organization}/cluster`;
    await ada!.request('PUT', `${path}/collaborators/${bob!.name}`, { permission: 'write' });
    const team = await ada!.request<{ id: number }>('POST', `/orgs/${organization}/teams`, {
      name: 'readers',
      permission: 'read',
      units_map: { 'repo.code': 'read', 'repo.pulls': 'read' },
    });
    await ada!.request('PUT', `/teams/${team.id}/repos/${organization}/cluster`);
    await ada!.request('PUT', `/teams/${team.id}/members/${cyd!.name}`);
    const repository = await gitea.repository(ada!, 'unused');
    const at = { repository: `${organization}/cluster` };

    const asAdmin = await giteaForge(repository, ada!.token, at);
    expect(await asAdmin.permission(bob!.name)).toBe('write');
    expect(await asAdmin.permission(cyd!.name)).toBe('read');

    const asWriter = await giteaForge(repository, bob!.token, at);
    // Gitea lists a reader here among those who may write.
    await expect(asWriter.permission(cyd!.name)).rejects.toMatchObject({
      code: 'FORGE_FORBIDDEN',
      message: `Gitea does not tell us what ${cyd!.name} may do in ${organization}/cluster.`,
    });
    const eve = await gitea.user('eve');
    expect(await asWriter.permission(eve.name)).toBe('read');
  });
});

describe('files on Gitea', () => {
  it('are read and committed', async () => {
    const { ada, repository, first } = await aRepository();
    await repository.push({ 'folder/b.yaml': 'b: 1\n', link: { symlink: 'a.yaml' } });
    await repository.pushBranch('team/change#1', { 'a.yaml': 'a: 2\n' });
    const forge = await giteaForge(repository, ada.token);
    expect(await forge.file('main', 'a.yaml')).toBe('a: 1\n');
    expect(await forge.file('team/change#1', 'a.yaml')).toBe('a: 2\n');
    expect(await forge.file('main', 'none.yaml')).toBeUndefined();
    expect(await forge.file('main', 'folder')).toBeUndefined();
    expect(await forge.file('main', 'link')).toBeUndefined();
    expect(await forge.file('no-such-branch', 'a.yaml')).toBeUndefined();

    const change = {
      branch: 'team/change#1',
      path: 'approvals/a {b}%20#ü.yaml',
      text: 'kind: Approval # ü😀\n',
      message: 'Approve it\n\nApproved-by: Ada',
    };
    const made = await forge.commitFile(change);
    expect(await repository.fetch(change.branch)).toBe(made);
    expect(await repository.local.file(change.path, change.branch)).toBe(change.text.trimEnd());
    expect(await repository.local.git(['log', '-1', '--format=%B', made])).toContain('Approved-by: Ada');
    expect(await forge.file(change.branch, change.path)).toBe(change.text);

    const changed = await forge.commitFile({ ...change, text: 'kind: Other\n' });
    expect(await forge.file(change.branch, change.path)).toBe('kind: Other\n');
    expect(await forge.commitFile({ ...change, text: 'kind: Other\n' })).toBe(changed);

    const suspend = { branch: 'weka-gitops/suspend-1', path: 's.yaml', text: 'a: 1\n', message: 'Suspend' };
    const commit = await forge.commitFile(suspend, first);
    expect(await repository.fetch(suspend.branch)).toBe(commit);
    expect(await repository.local.resolve(`${commit}~1`)).toBe(first);
    expect(await forge.commitFile(suspend, first)).toBe(commit);
  });
});

describe('pages of Gitea', () => {
  it('are where they are said to be', async () => {
    const { ada, repository } = await aRepository();
    const path = 'folder/a {b}%20#ü.yaml';
    const commit = (await repository.push({ [path]: 'b: 1\n' })) as CommitSha;
    await repository.pushBranch('team/change#1', { 'a.yaml': 'a: 2\n' });
    const forge = await giteaForge(repository, ada.token);
    const line = forge.pages.line(commit, path, 1);
    expect(line).toMatch(/#L1$/);
    const number = await repository.openPullRequest({ head: 'team/change#1' });
    const { pages } = forge;
    for (const page of [
      line,
      pages.commit(commit),
      pages.branch('team/change#1'),
      pages.pullRequest(number),
    ]) {
      const response = await fetch(page);
      expect(`${page} ${response.status}`).toBe(`${page} 200`);
      await response.body?.cancel();
    }
  });
});

describe('an account on Gitea', () => {
  it('needs to write to the repository, and a token of three scopes', async () => {
    const { repository, first } = await aRepository();
    const bot = await gitea.user('bot');
    await repository.allow(bot, 'write');
    await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
    const number = await repository.openPullRequest({ head: 'change' });
    const token = await bot.tokenFor('read:user', 'write:issue', 'write:repository');
    const forge = await giteaForge(repository, token);

    expect(await forge.self()).toBe(bot.name);
    const pullRequest = (await forge.pullRequest(number))!;
    const { id } = await forge.comment(number, 'One.');
    await forge.editComment(id, 'Two.');
    await forge.deleteComment(id);
    const finding = { file: 'a.yaml', line: 1, level: 'error', title: 'Odd', text: 'It is odd.' } as const;
    await forge.annotate(pullRequest, 'east', [finding]);
    expect(await forge.reviews(number)).toHaveLength(1);
    await forge.annotate(pullRequest, 'east', []);
    expect(await forge.reviews(number)).toEqual([]);
    await forge.setCommitStatus(first, { context: 'east', state: 'success', description: 'All is well.' });
    const commit = await forge.commitFile(
      { branch: 'weka-gitops/suspend-1', path: 's.yaml', text: 's: 1\n', message: 'Suspend' },
      first,
    );
    const request = { title: 'Suspend', text: '', head: 'weka-gitops/suspend-1', base: 'main' };
    expect(await forge.createPullRequest(request)).toMatchObject({ author: bot.name, head: { commit } });
  });
});

describe('lists of Gitea', () => {
  it('are read to their end, however little it gives at once', async () => {
    const { ada, repository, first } = await aRepository();
    const bob = await gitea.user('bob');
    const branches = ['one', 'two', 'three', 'four', 'five'];
    for (const branch of branches) {
      await repository.local.branch(branch, 'main');
      await repository.local.commit({ 'a.yaml': `a: ${branch}\n` }, { branch });
    }
    await repository.local.git(['push', '--quiet', repository.urlFor(ada), ...branches]);
    for (const head of branches) await repository.openPullRequest({ head });
    const proxy = await faultProxy(gitea.url);
    proxy.rewrite = (url) => url.replace('limit=50', 'limit=2');
    const forge = await giteaForge(repository, ada.token, { url: proxy.url });

    const open = (await forge.openPullRequests('main'))!;
    expect(new Set(open.map(({ number }) => number))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(open).toHaveLength(5);
    expect(proxy.requests).toHaveLength(3);

    for (let count = 0; count < 3; count++) await repository.review(1, { verdict: 'COMMENT', as: bob });
    expect(await forge.reviews(1)).toHaveLength(3);

    for (const context of branches) {
      await forge.setCommitStatus(first, { context, state: 'success', description: '' });
    }
    for (const context of branches) {
      expect(await forge.commitStatus(first, context)).toMatchObject({ context });
    }
    expect(await forge.commitStatus(first, 'six')).toBeUndefined();
  });
});
