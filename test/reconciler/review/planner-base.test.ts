import { afterAll, expect, it, onTestFinished } from 'vitest';
import type { PullRequest } from '../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { Planner } from '../../../reconciler/review/planner.ts';
import { openMerges } from '../../../reconciler/world/git/merge/merges.ts';
import { openKubeCluster } from '../../../reconciler/world/live/kube-cluster.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { startGitServer } from '../../support/git-server.ts';
import { installedPlanner } from '../../support/installed-account.ts';

const shared = await sharedCluster();
const server = await startGitServer();
afterAll(() => server.stop());
const cacheDir = await scratchFolder(afterAll);

it('the base that Settings are changed on is the one after a merge that no poll has told of', async () => {
  const origin = await server.createRepository('base');
  await origin.commit({ 'a.yaml': 'a: 1\n' });
  await origin.git(['branch', 'change']);
  const head = (await origin.resolve('change')) as CommitSha;
  await origin.git(['update-ref', 'refs/pull/1/head', head]);
  const merges = openMerges({ url: origin.url, ref: 'main', path: '', cacheDir });
  const { kubeconfig } = await installedPlanner(shared);
  const cluster = await openKubeCluster({ kubeconfig, env: {} });
  onTestFinished(() => cluster.close());
  const name = 'planner-base';
  const installation = { name, namespace: await shared.namespace(), image: 'weka-gitops:test' };
  const config = { cluster: name, ref: 'main', installation, ceilings: { kinds: [] }, version: '0' };
  const unasked = () => Promise.reject(new Error('Nobody asks.'));
  const planner = new Planner(
    {
      merges,
      cluster,
      fresh: cluster,
      clock: { now: () => new Date() },
      moves: () => 0,
      facts: unasked,
      node: unasked,
    },
    config,
  );
  const pullRequest: PullRequest = {
    number: 1,
    title: 'Change',
    author: 'ada',
    url: 'https://forge.example.com/1',
    state: 'open',
    isDraft: false,
    head: { commit: head, branch: 'change' },
    base: 'main',
    isFork: false,
    updatedAt: new Date(),
  };

  const { signal } = new AbortController();
  await merges.base({ signal });
  expect((await planner.baseOf(pullRequest, signal))?.files.map(({ path }) => path)).toEqual(['a.yaml']);
  await origin.commit({ 'settings.yaml': 'kind: Settings\n' });
  expect((await planner.baseOf(pullRequest, signal))?.files.map(({ path }) => path)).toEqual([
    'a.yaml',
    'settings.yaml',
  ]);
});
