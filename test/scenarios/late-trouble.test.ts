import { describe, expect, it } from 'vitest';
import { reconcile } from '../../reconciler/reconcile.ts';
import { ReconcilerError } from '../../reconciler/errors.ts';
import type { Cluster } from '../../reconciler/ports.ts';
import { openKubeCluster } from '../../reconciler/world/live/kube-cluster.ts';
import { openRepository } from '../../reconciler/world/git/repository.ts';
import { openStatusBranch } from '../../reconciler/world/git/status-branch.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';

const cluster = await sharedCluster();

class Outage extends ReconcilerError {
  readonly code = 'API_UNREACHABLE';
  readonly retry = 'next-pass';
}

/** A pass of this installation through `change`, which stands between it and the real cluster. */
async function passThrough(
  { repository, systemNamespace, namespace, kubeconfig }: Awaited<ReturnType<typeof anInstallation>>,
  change: (cluster: Cluster) => Cluster,
) {
  const clock = { now: () => new Date() };
  const quiet = () => undefined;
  const name = systemNamespace.replace(/-system$/, '');
  const git = { url: repository.path, ref: 'main', path: '', cacheDir: await scratchFolder() };
  await using real = await openKubeCluster({ kubeconfig, env: {} });
  return await reconcile(
    {
      repository: openRepository(git),
      statusBranch: openStatusBranch(git, name, clock),
      cluster: change(real),
      clock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    },
    {
      cluster: name,
      ref: 'main',
      installation: { name, namespace: systemNamespace, image: 'example.com/weka-gitops:1' },
      ceilings: { kinds: [], namespaces: [namespace] },
      version: 'test',
    },
  );
}

function delegate(real: Cluster): Cluster {
  return {
    get: (object) => real.get(object),
    read: (scope) => real.read(scope),
    dryRun: (object, options) => real.dryRun(object, options),
    apply: (object, options) => real.apply(object, options),
    delete: (live) => real.delete(live),
    placementFacts: () => real.placementFacts(),
    storageFacts: () => real.storageFacts(),
    seeNodes: () => real.seeNodes(),
    waitGone: (live, timeoutMs) => real.waitGone(live, timeoutMs),
  };
}

describe('trouble after everything was written', () => {
  it('takes nothing from the report, and is told beside it', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, statusRef, json } = installation;
    await repository.commit({ 'a.yaml': configMap(namespace, 'a'), 'b.yaml': configMap(namespace, 'b') });
    await installation.run('reconcile');
    await repository.commit({ 'a.yaml': configMap(namespace, 'a', { k: '2' }), 'b.yaml': null });

    let reads = 0;
    const { report, published, trouble } = await passThrough(installation, (real) => ({
      ...delegate(real),
      async read(scope) {
        reads += 1;
        if (reads > 1) throw new Outage('The API server is gone.');
        return await real.read(scope);
      },
    }));

    expect(trouble.map(({ code }) => code)).toEqual(['API_UNREACHABLE']);
    expect(report.outcomes.map(({ change, result }) => `${change.op} ${change.id} ${result}`)).toEqual([
      `update v1/ConfigMap/${namespace}/a done`,
      `prune v1/ConfigMap/${namespace}/b done`,
    ]);
    expect(report.health.get(report.changes[0]!.id)?.message).toBe(
      'It was written; how it does could not be seen',
    );
    expect(published).toMatchObject({ commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
    expect(await repository.git(['log', '-1', '--format=%s', statusRef])).toContain('1 changed, 1 pruned');
    // The next pass finds what was deleted, counts it, and has nothing left to do.
    const after = await json('reconcile');
    expect(after.outcomes).toEqual([]);
    expect(after.clean).toBe(true);
  });

  it('does not mind that somebody touched the record meanwhile', async () => {
    const installation = await anInstallation(cluster);
    const { repository, namespace, systemNamespace } = installation;
    await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
    await installation.run('reconcile');
    await repository.commit({ 'b.yaml': configMap(namespace, 'b') });
    const name = systemNamespace.replace(/-system$/, '');
    const { report, trouble } = await passThrough(installation, (real) => ({
      ...delegate(real),
      async apply(object, options) {
        if (object.metadata.name === 'b') {
          await cluster.kubectl(['annotate', 'configmap', name, '-n', systemNamespace, 'seen=by-ada']);
        }
        return await real.apply(object, options);
      },
    }));
    expect(trouble).toEqual([]);
    expect(report.outcomes.map(({ result }) => result)).toEqual(['done']);
  });
});
