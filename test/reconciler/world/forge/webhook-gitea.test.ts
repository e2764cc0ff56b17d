import { expect, it, onTestFinished } from 'vitest';
import type { Hint } from '../../../../reconciler/world/forge/webhook-hint.ts';
import { fixedSecret } from '../../../../reconciler/world/forge/webhook-secrets.ts';
import { startServer } from '../../../../reconciler/world/server/http-server.ts';
import { until } from '../../../cluster/until.ts';
import { sharedGitea } from '../../../forge/gitea.ts';

const gitea = await sharedGitea();
const EVENTS = [
  'push',
  'create',
  'delete',
  'issues',
  'issue_comment',
  'pull_request',
  'pull_request_comment',
];
const MORE_EVENTS = ['pull_request_review_approved', 'pull_request_sync', 'repository', 'release'];

it('a real Gitea is heard of what happens to a repository, and of nothing else', async () => {
  const [ada, bob] = await Promise.all([gitea.user('ada'), gitea.user('bob')]);
  const [repository, other] = await Promise.all([
    gitea.repository(ada, 'storage'),
    gitea.repository(ada, 'other'),
  ]);
  const hints: Hint[] = [];
  const results: string[] = [];
  const quiet = () => {};
  const server = await startServer({
    host: '127.0.0.1',
    port: 0,
    health: () => undefined,
    ready: () => [],
    metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('') },
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    webhook: {
      secrets: fixedSecret('quiet'),
      repository: repository.fullName,
      hear: (hint) => hints.push(hint),
      observe: (result) => results.push(result),
    },
  });
  onTestFinished(() => server.close());
  await repository.push({ 'a.yaml': 'a: 1\n' });
  await other.push({ 'a.yaml': 'a: 1\n' });
  const events = [...EVENTS, ...MORE_EVENTS];
  const url = `${server.url}/webhook`;
  await repository.createWebhook({ url, secret: 'quiet', events });
  await other.createWebhook({ url, secret: 'quiet', events });
  const heard = async (event: Hint['event'], about: Partial<Hint> = {}): Promise<Hint> =>
    await until(`a hint of ${event}`, () =>
      hints.find(
        (hint) =>
          hint.event === event &&
          Object.entries(about).every(([name, value]) => hint[name as keyof Hint] === value),
      ),
    );

  await repository.push({ 'a.yaml': 'a: 2\n' });
  expect(await heard('push', { ref: 'refs/heads/main' })).toEqual({
    event: 'push',
    repository: repository.fullName,
    ref: 'refs/heads/main',
  });

  await repository.allow(bob, 'write');
  await repository.pushBranch('change', { 'a.yaml': 'a: 3\n' });
  const number = await repository.openPullRequest({ head: 'change' });
  expect(await heard('pull_request')).toEqual({
    event: 'pull_request',
    repository: repository.fullName,
    pullRequest: number,
  });
  await repository.comment(number, '/weka-gitops plan', ada);
  expect(await heard('comment')).toMatchObject({ pullRequest: number });
  hints.length = 0;
  await repository.review(number, { verdict: 'APPROVED', as: bob });
  await heard('pull_request', { pullRequest: number });

  // What is said of an issue is about no pull request.
  const issue = await ada.request<{ number: number }>('POST', repository.path('issues'), { title: 'Why?' });
  hints.length = 0;
  await repository.comment(issue.number, 'So.', ada);
  expect(await heard('other')).toEqual({ event: 'other', repository: repository.fullName });

  const before = results.filter((result) => result === 'ignored').length;
  await other.push({ 'a.yaml': 'a: 2\n' });
  await until(
    'the other repository is ignored',
    () => results.filter((each) => each === 'ignored').length > before,
  );
  expect(hints.every(({ repository: name }) => name === repository.fullName)).toBe(true);
  expect(results).not.toContain('unsigned');
  expect(results).not.toContain('refused');
});
