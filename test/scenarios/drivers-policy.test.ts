import { expect, it } from 'vitest';
import { record } from '../../reconciler/core/kube/json.ts';
import type { KubeObject } from '../../reconciler/core/kube/object.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { anInstallation, told } from '../support/installation.ts';
import { configMap, settings } from '../support/manifests.ts';
import { wekaNodes } from '../support/weka-nodes.ts';

const cluster = await sharedCluster();

it('a policy that distributes drivers becomes a service that the API server takes, follows its manifest, and goes with it', async () => {
  const nodes = await wekaNodes(cluster);
  const [a, b] = [await nodes.add('a'), await nodes.add('b', { labels: { serves: 'drivers' } })];
  const { repository, namespace, run, json } = await anInstallation(cluster);
  const { nodeSelector, tolerations } = nodes.onThem;
  const policy = (distNodeSelector: object) =>
    JSON.stringify({
      apiVersion: 'weka.weka.io/v1alpha1',
      kind: 'WekaPolicy',
      metadata: { name: 'local', namespace },
      spec: {
        type: 'enable-local-drivers-distribution',
        image: 'quay.io/weka.io/weka-in-container:4.4.5',
        tolerations,
        payload: { driverDistPayload: { distNodeSelector } },
      },
    });
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'local-dist', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  await repository.commit({
    'settings.yaml': settings({ prune: { budget: { objects: 10, percent: 100 } } }),
    'policy.yaml': policy({ ...nodeSelector, serves: 'drivers' }),
    'kept.yaml': configMap(namespace, 'kept'),
  });
  expect(told(await json('plan'))).toEqual([
    `create v1/ConfigMap/${namespace}/kept`,
    `create v1/ConfigMap/${namespace}/local-dist-in-use`,
    `create v1/ConfigMap/${namespace}/weka-wekapolicy-local`,
    `create v1/Secret/${namespace}/local-dist-tls`,
    `create v1/Secret/${namespace}/local-dist-upload`,
    `create v1/Service/${namespace}/local-dist`,
    `create apps/v1/Deployment/${namespace}/local-dist`,
  ]);
  expect(await run('reconcile')).toMatchObject({ exitCode: 0, stderr: '' });
  const nodeOfPod = async () => {
    const args = ['get', 'pods', '-n', namespace, '-l', 'app=local-dist', '-o', 'json'];
    const { items } = JSON.parse((await cluster.kubectl(args)).stdout) as { items: KubeObject[] };
    return items.length === 1 ? record(items[0]?.['spec'])['nodeName'] : undefined;
  };
  await until('its pod has the node that was chosen', async () => (await nodeOfPod()) === b);
  expect(told(await json('plan'))).toEqual([]);
  const { stdout } = await cluster.kubectl([
    'get',
    'secret',
    'local-dist-tls',
    '-n',
    namespace,
    '-o',
    'json',
  ]);
  expect(Object.keys(record((JSON.parse(stdout) as KubeObject)['data'])).toSorted()).toEqual([
    'ca.crt',
    'tls.crt',
    'tls.key',
  ]);

  await cluster.kubectl(['label', 'node', a, 'moved=yes']);
  await repository.commit({
    'policy.yaml': policy({ ...nodeSelector, moved: 'yes' }),
    'claim.yaml': JSON.stringify(claim),
  });
  const changes = told(await json('plan'));
  expect(changes.map((each) => each.split(' (')[0])).toEqual([
    `update v1/ConfigMap/${namespace}/weka-wekapolicy-local`,
    `create v1/PersistentVolumeClaim/${namespace}/local-dist`,
    `update apps/v1/Deployment/${namespace}/local-dist`,
  ]);
  await repository.commit({ 'claim.yaml': null });
  expect(await run('reconcile')).toMatchObject({ exitCode: 0, stderr: '' });
  await until('its pod has moved', async () => (await nodeOfPod()) === a);
  expect(told(await json('plan'))).toEqual([]);

  await repository.commit({ 'policy.yaml': null });
  expect(await run('reconcile')).toMatchObject({ exitCode: 0, stderr: '' });
  const left = await cluster.kubectl(['get', 'deployments,services,secrets', '-n', namespace, '-o', 'name']);
  expect(left.stdout).toBe('');
}, 120_000);
