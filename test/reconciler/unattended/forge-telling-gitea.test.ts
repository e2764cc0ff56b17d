import { expect, it } from 'vitest';
import type { Health } from '../../../reconciler/core/health/health.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { until } from '../../cluster/until.ts';
import { giteaForge } from '../../forge/gitea-forge.ts';
import { sharedGitea } from '../../forge/gitea.ts';
import { aChange, aReport, done, health } from '../core/report/samples.ts';
import { tellingProcess } from './telling-process.ts';

const gitea = await sharedGitea();
const ID = 'apps/v1/Deployment/weka/exporter';
const STARTS: Health = { state: 'progressing', message: '0 of 1 pods are ready' };
const READY: Health = { state: 'current', message: '1 of 1 pods are ready' };

it('a merged pull request on Gitea shows at its commit and in one comment what became of it', async () => {
  const [ada, robot] = await Promise.all([gitea.user('ada'), gitea.user('robot')]);
  const repository = await gitea.repository(ada, 'storage');
  await repository.push({ 'a.yaml': 'a: 1\n' });
  await repository.allow(robot, 'write');
  await repository.pushBranch('change', { 'a.yaml': 'a: 2\n' });
  const number = await repository.openPullRequest({ head: 'change' });
  await repository.comment(number, 'Looks good, @everyone.', ada);
  const commit = (await repository.merge(number)) as CommitSha;
  const forge = await giteaForge(repository, robot.token);

  const change = aChange('create', ID);
  const first = aReport({
    commit,
    changes: [change],
    outcomes: [done(change)],
    health: health({ [ID]: STARTS }),
  });
  const { outcomes: _done, ...rest } = first;
  const second = aReport({ ...rest, changes: [aChange('keep', ID)], health: health({ [ID]: READY }) });

  const status = () => forge.commitStatus(commit, 'weka-gitops/production');
  const ours = async () => (await forge.comments(number)).filter(({ author }) => author === robot.name);
  const process = tellingProcess(forge);
  process.loop.offer(first);
  await until('it is in progress', async () => (await status())?.state === 'pending');
  const [posted] = await until('it has a comment', async () => {
    const comments = await ours();
    return comments.length > 0 && comments;
  });
  expect(posted?.text).toContain('0 of 1 pods are ready');

  process.loop.offer(second);
  await until('it is well', async () => {
    process.time.pass(10_000);
    return (await status())?.state === 'success' && (await ours())[0]?.text.includes('applied and healthy');
  });
  expect(await ours()).toMatchObject([{ id: posted?.id }]);
  expect(await status()).toMatchObject({
    url: `${gitea.url}/${repository.fullName}/src/branch/weka-gitops/status/production`,
  });
  process.end();

  // Another process finds all as it should be.
  const before = await ours();
  const next = tellingProcess(forge);
  next.loop.offer(second);
  await next.loop.finish(new AbortController().signal);
  expect(await ours()).toEqual(before);
  const statuses = await ada.request<object[]>('GET', repository.path('statuses', commit));
  expect(statuses).toHaveLength(2);
  expect([process.failures, next.failures]).toEqual([[], []]);
});

it('a robot that may not write to Gitea says so, and goes on', async () => {
  const [ada, robot] = await Promise.all([gitea.user('ada'), gitea.user('robot')]);
  const repository = await gitea.repository(ada, 'storage');
  const commit = (await repository.push({ 'a.yaml': 'a: 1\n' })) as CommitSha;
  const { loop, failures } = tellingProcess(await giteaForge(repository, robot.token));
  loop.offer(aReport({ commit, health: health({ [ID]: READY }) }));
  await until('it fails', () => failures.length > 0);
  expect(failures[0]).toBe('FORGE_FORBIDDEN');
});
