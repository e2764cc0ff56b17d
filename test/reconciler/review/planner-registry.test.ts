import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { modulesFile } from '../../../schemas/drivers/package.ts';
import type { PullRequest } from '../../../reconciler/forge-port.ts';
import type { CommitSha } from '../../../reconciler/ports.ts';
import { Planner } from '../../../reconciler/review/planner.ts';
import { HttpRegistry } from '../../../reconciler/world/drivers/http-registry.ts';
import { openMerges } from '../../../reconciler/world/git/merge/merges.ts';
import { openKubeCluster } from '../../../reconciler/world/live/kube-cluster.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { aDriversWorld, aPackage, aTarget } from '../../support/drivers-world.ts';
import { startGitServer } from '../../support/git-server.ts';
import { installedPlanner } from '../../support/installed-account.ts';

const control = await sharedCluster();
const server = await startGitServer();
afterAll(() => server.stop());
const cacheDir = await scratchFolder(afterAll);

/** A pull request that raises the version whose drivers a node needs, where the registry has those of both. */
async function aRaise() {
  const world = await aDriversWorld(control);
  await world.addNode('a');
  const [before, after] = [aTarget('4.4.5'), aTarget('4.4.6')];
  for (const target of [before, after]) world.registry.packages.set(modulesFile(target), aPackage(target));
  const { agentNamespace, systemNamespace } = world;
  const repository = await server.createRepository('raise');
  const files = (version: string) => ({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile(version),
  });
  const base = await repository.commit(files('4.4.5'));
  const head = await repository.commit(files('4.4.6'));
  await repository.git(['update-ref', 'refs/pull/1/head', head]);
  await repository.git(['update-ref', 'refs/heads/main', base]);

  const { kubeconfig } = await installedPlanner(control);
  const cluster = await openKubeCluster({ kubeconfig, env: {}, agentNamespace });
  onTestFinished(() => cluster.close());
  const registry = new HttpRegistry({
    userAgent: 'test',
    time: { now: () => 0, sleep: () => Promise.resolve() },
    proxyEnv: {},
    allowed: [world.registry.url],
  });
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const unasked = () => Promise.reject(new Error('Nobody asks.'));
  const planner = new Planner(
    {
      merges: openMerges({ url: repository.url, ref: 'main', path: '', cacheDir }),
      cluster,
      fresh: cluster,
      clock: { now: () => new Date() },
      moves: () => 0,
      facts: unasked,
      node: unasked,
      registry,
    },
    {
      cluster: 'test',
      ref: 'main',
      installation: {
        name: systemNamespace.replace(/-system$/, ''),
        namespace: systemNamespace,
        agentNamespace,
        image: 'weka-gitops:test',
      },
      ceilings: { kinds: [], driverRegistries: [world.registry.url] },
      version: '0',
    },
  );
  const plan = async (isFork: boolean) => {
    const pullRequest: PullRequest = {
      number: 1,
      title: 'Raise',
      author: 'ada',
      url: 'https://forge.example.com/1',
      state: 'open',
      isDraft: false,
      head: { commit: head as CommitSha, branch: 'raise' },
      base: 'main',
      isFork,
      updatedAt: new Date(),
    };
    const planned = await planner.plan(pullRequest, new AbortController().signal);
    if (planned.result !== 'planned') throw new Error(`It is ${planned.result}.`);
    return planned.plan;
  };
  return { world, plan, digest: `GET /dist/v1/drivers/${modulesFile(after)}.sha256` };
}

describe('the plan of a pull request that needs other drivers', () => {
  it('asks no registry anything where it comes from a fork, and says so', async () => {
    const { world, plan, digest } = await aRaise();
    const { drivers } = await plan(true);
    expect(world.registry.asked).not.toContain(digest);
    expect(drivers?.cells).toMatchObject([
      {
        version: '4.4.6',
        state: 'missing',
        why: `${world.registry.url} was not asked: the plan of a pull request from a fork asks nobody. Nothing is built while the registry may have it ready.`,
      },
    ]);
  });

  it('asks where it comes from the repository itself', async () => {
    const { world, plan, digest } = await aRaise();
    const { drivers } = await plan(false);
    expect(world.registry.asked).toContain(digest);
    expect(drivers?.cells).toMatchObject([{ version: '4.4.6', state: 'fetching' }]);
  });
});
