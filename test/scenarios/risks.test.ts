import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { anInstallation } from '../support/installation.ts';

const cluster = await sharedCluster();

/** A node that takes only pods that ask for it by name, so that nobody else’s pods slow these down. */
async function aNodeOfItsOwn(): Promise<string> {
  const name = `risks-${randomBytes(3).toString('hex')}`;
  await cluster.addNodes([{ name, taints: [{ key: 'only', value: name, effect: 'NoSchedule' }] }]);
  onTestFinished(async () => {
    await cluster.kubectl(['delete', 'node', name, '--wait=false']);
  });
  return name;
}

/** A workload of three pods on `node`, of which one may be down while they are replaced. */
function exporter(namespace: string, node: string, image: string): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'exporter', namespace },
    spec: {
      replicas: 3,
      strategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      selector: { matchLabels: { app: 'exporter' } },
      template: {
        metadata: { labels: { app: 'exporter' } },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': node },
          tolerations: [{ key: 'only', operator: 'Exists' }],
          containers: [{ name: 'exporter', image }],
        },
      },
    },
  });
}

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

/** UIDs of the pods that are ready and stay. */
async function readyPods(namespace: string): Promise<readonly string[]> {
  const { stdout } = await cluster.kubectl([
    'get',
    'pods',
    '-l',
    'app=exporter',
    '-n',
    namespace,
    '-o',
    'json',
  ]);
  const { items } = JSON.parse(stdout) as Pods;
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ status }) =>
      status.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'),
    )
    .map(({ metadata }) => metadata.uid);
}

const byNumber = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });

describe('the risks that a plan tells', () => {
  it('of a rollout are what happens then: these pods are made again, so many at once', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    const node = await aNodeOfItsOwn();
    const at = (tag: string) => exporter(namespace, node, `registry.example.com/exporter:${tag}`);
    await repository.commit({ 'exporter.yaml': at('1') });
    await run('reconcile');
    const before = await until('three pods are ready', async () => {
      const pods = await readyPods(namespace);
      // Only then does the controller's count say so, too.
      const { changes } = await json('plan');
      return pods.length === 3 && changes.every(({ op }) => op === 'keep') && pods;
    });

    await repository.commit({ 'exporter.yaml': at('2') });
    const listed = await cluster.kubectl(['get', 'pods', '-n', namespace, '-o', 'name']);
    const names = listed.stdout.trim().replaceAll('pod/', '').split('\n').toSorted(byNumber);
    const evidence = `3 pods of Deployment ${namespace}/exporter, RollingUpdate, at most 1 down at once: ${names.join(', ')}`;
    const { changes } = await json('plan');
    expect(changes.filter(({ op }) => op !== 'keep').map(({ risks }) => risks)).toEqual([
      [
        {
          name: 'restart',
          reason: 'Its pods are stopped and made again from the new template',
          evidence,
        },
      ],
    ]);
    const text = (await run('plan')).stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`Risks: restart ${evidence} `);
    expect((await run('plan', '--output', 'markdown')).stdout).toContain(
      '- **restart** in 1 object: 3 pods of',
    );

    await run('reconcile');
    let fewest = 3;
    const after = await until('the rollout has ended', async () => {
      const pods = await readyPods(namespace);
      fewest = Math.min(fewest, pods.length);
      return pods.length === 3 && !pods.some((uid) => before.includes(uid)) && pods;
    });
    expect(after).toHaveLength(3);
    expect(fewest).toBeGreaterThanOrEqual(2);
  });

  it('of an object that somebody else has made names them, and is gone once it is ours', async () => {
    const { repository, namespace, run, json } = await anInstallation(cluster);
    await cluster.kubectl(['create', 'configmap', 'a', '--from-literal=k=v', '-n', namespace]);
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace },
      data: { k: 'v' },
    };
    await repository.commit({ 'a.yaml': JSON.stringify(object) });
    const { changes } = await json('plan');
    expect(changes).toMatchObject([
      {
        op: 'update',
        risks: [{ name: 'takeover', evidence: `ConfigMap ${namespace}/a, managed by kubectl-create` }],
      },
    ]);
    await run('reconcile');
    const later = JSON.stringify({ ...object, data: { k: 'w' } });
    await repository.commit({ 'a.yaml': later });
    expect((await json('plan')).changes).toMatchObject([{ op: 'update', risks: [] }]);
  });

  it('of a claim by class alone is a path of the node that somebody else keeps free for it', async () => {
    const { repository, namespace, json } = await anInstallation(cluster);
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `disk-${namespace}` },
      spec: {
        storageClassName: `manual-${namespace}`,
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/' },
      },
    };
    const claim = (storageClassName: string) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace },
        spec: {
          storageClassName,
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      });
    onTestFinished(
      async () =>
        void (await cluster.kubectl(['delete', 'persistentvolume', volume.metadata.name, '--wait=false'])),
    );
    await cluster.kubectl(['create', '-f', '-'], { input: JSON.stringify(volume) });
    await repository.commit({ 'data.yaml': claim(`manual-${namespace}`) });
    const { changes, approvals } = await json('plan');
    const evidence = `PersistentVolumeClaim ${namespace}/data: PersistentVolume disk-${namespace}, host path /`;
    expect(changes).toMatchObject([{ op: 'wait', risks: [{ name: 'privilege', evidence }] }]);
    expect(approvals).toHaveLength(1);
    await repository.commit({ 'data.yaml': claim(`fast-${namespace}`) });
    expect((await json('plan')).changes).toMatchObject([{ op: 'create', risks: [] }]);
  });
});
