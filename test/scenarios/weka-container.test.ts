import { describe, expect, it } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { anInstallation, told } from '../support/installation.ts';
import { configMap, settings, wekaContainer } from '../support/manifests.ts';
import { wekaNodes } from '../support/weka-nodes.ts';

const cluster = await sharedCluster();

describe('a WekaContainer', () => {
  it('becomes an anchor, certificates and a pod that the API server takes', async () => {
    const nodes = await wekaNodes(cluster);
    await nodes.add('a');
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({
      'dist.yaml': wekaContainer(namespace, 'dist', nodes.onThem),
      'builder.yaml': wekaContainer(namespace, 'builder', {
        ...nodes.onThem,
        mode: 'drivers-builder',
        uploadResultsTo: 'dist',
      }),
    });
    expect(told(await json('plan'))).toEqual([
      `create v1/ConfigMap/${namespace}/dist-in-use`,
      `create v1/ConfigMap/${namespace}/weka-wekacontainer-builder`,
      `create v1/ConfigMap/${namespace}/weka-wekacontainer-dist`,
      `create v1/Secret/${namespace}/dist-tls`,
      `create v1/Secret/${namespace}/dist-upload`,
      `create v1/Pod/${namespace}/builder`,
      `create v1/Pod/${namespace}/dist`,
    ]);
    expect((await run('reconcile')).exitCode).toBe(0);
    expect((await run('plan')).exitCode).toBe(0);
  });

  it('has its pod created and never changed: the plan says that it waits', async () => {
    const nodes = await wekaNodes(cluster);
    await nodes.add('a');
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await repository.commit({ 'dist.yaml': wekaContainer(namespace, 'dist', nodes.onThem) });
    await run('reconcile');
    await repository.commit({
      'dist.yaml': wekaContainer(namespace, 'dist', {
        ...nodes.onThem,
        image: 'quay.io/weka.io/weka-in-container:5',
      }),
    });
    expect(told(await json('plan'))).toEqual([
      `update v1/ConfigMap/${namespace}/weka-wekacontainer-dist (data.generation)`,
      expect.stringMatching(new RegExp(`^wait v1/Pod/${namespace}/dist .*image`)),
    ]);
  });

  it('leaves its pod running when its manifest goes, and its anchor while the pod is there', async () => {
    const nodes = await wekaNodes(cluster);
    await nodes.add('a');
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const names = async () => {
      const { stdout } = await cluster.kubectl(['get', 'configmap,pod', '-n', namespace, '-o', 'name']);
      return stdout.split('\n').filter((name) => name !== '' && name !== 'configmap/kube-root-ca.crt');
    };
    await repository.commit({
      'settings.yaml': settings({ prune: { budget: { objects: 10, percent: 100 } } }),
      'dist.yaml': wekaContainer(namespace, 'dist', nodes.onThem),
      'kept.yaml': configMap(namespace, 'kept'),
      'gone.yaml': configMap(namespace, 'gone'),
    });
    await run('reconcile');

    await repository.commit({ 'dist.yaml': null, 'gone.yaml': null });
    const { changes } = await json('plan');
    expect(changes.filter(({ op }) => op !== 'keep')).toMatchObject([
      {
        op: 'wait',
        target: `v1/ConfigMap/${namespace}/weka-wekacontainer-dist`,
        reason: `Not pruned: v1/Pod/${namespace}/dist refers to it, and is still there`,
      },
      {
        op: 'wait',
        target: `v1/Secret/${namespace}/dist-tls`,
        reason: `Not pruned: v1/Pod/${namespace}/dist refers to it, and is still there`,
      },
      {
        op: 'wait',
        target: `v1/Pod/${namespace}/dist`,
        reason: 'A pod of WEKA is not pruned by this version: delete it by hand when it has no work',
      },
      { op: 'prune', target: `v1/ConfigMap/${namespace}/dist-in-use` },
      { op: 'prune', target: `v1/ConfigMap/${namespace}/gone` },
      { op: 'prune', target: `v1/Secret/${namespace}/dist-upload` },
    ]);
    await run('reconcile');
    expect(await names()).toEqual(['configmap/kept', 'configmap/weka-wekacontainer-dist', 'pod/dist']);

    await cluster.kubectl(['delete', 'pod', 'dist', '-n', namespace, '--force', '--grace-period=0']);
    expect(told(await json('plan'))).toEqual([
      `prune v1/ConfigMap/${namespace}/weka-wekacontainer-dist`,
      `prune v1/Secret/${namespace}/dist-tls`,
    ]);
    await run('reconcile');
    expect(await names()).toEqual(['configmap/kept']);
  });
});
