import { randomBytes } from 'node:crypto';
import { expect, it, onTestFinished } from 'vitest';
import { healthOf } from '../../../../reconciler/core/health/health.ts';
import type { KubeObject } from '../../../../reconciler/core/kube/object.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';

const cluster = await sharedCluster();

it('tells of objects that real controllers work on whether they are there yet', async () => {
  const namespace = await cluster.namespace();
  const node = await aNodeOfItsOwn();
  const pods = {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: podOn(node) },
  };
  const objects: readonly KubeObject[] = [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: 2, ...pods } },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'agent' }, spec: pods },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'nowhere' }, spec: onNoNode(pods) },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'store' },
      spec: { replicas: 2, serviceName: 'store', ...pods },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'stuck' }, spec: onNoNode(pods) },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'works' }, spec: podOn(node) },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stuck' }, spec: podOn('no-such-node') },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'later' },
      spec: { suspend: true, template: { spec: { ...podOn(node), restartPolicy: 'Never' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
        storageClassName: 'none',
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'outside' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'nothing' } } },
    },
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  const applied = await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], { input });
  expect(applied).toMatchObject({ exitCode: 0 });

  const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
  let seen: Readonly<Record<string, string>> = {};
  const expected = {
    'Deployment/web': 'current: 2 of 2 replicas are ready',
    'DaemonSet/agent': 'current: 1 of 1 pod is ready',
    'DaemonSet/nowhere': 'current: No node asks for its pod',
    'StatefulSet/store': 'current: 2 of 2 replicas are ready',
    'Deployment/stuck': 'progressing: 0 of 1 replica is ready',
    'Pod/works': 'current: It is ready',
    'Pod/stuck': expect.stringMatching(/^failed: No node takes it: 0\/\d+ nodes are available: /),
    'Job/later': 'current: It is suspended',
    'PersistentVolumeClaim/data': 'progressing: It waits for a volume',
    'Service/outside': 'progressing: It waits for an address from a load balancer',
    'PodDisruptionBudget/web': 'current: It matches no pod',
  };
  await until('every controller to have done what it can', async () => {
    const { stdout } = await cluster.kubectl(['get', '-n', namespace, '-o', 'json', ...names]);
    const { items } = JSON.parse(stdout) as { items: readonly KubeObject[] };
    seen = Object.fromEntries(
      items.map((object) => [`${object.kind}/${object.metadata.name}`, words(object)]),
    );
    return matches(seen, expected);
  }).catch(() => undefined);
  expect(seen).toEqual(expected);
});

/** A node that takes only pods that ask for it by name, so that nobody else’s pods count here. */
async function aNodeOfItsOwn(): Promise<string> {
  const name = `health-${randomBytes(3).toString('hex')}`;
  await cluster.addNodes([{ name, taints: [{ key: 'only', value: name, effect: 'NoSchedule' }] }]);
  onTestFinished(async () => {
    await cluster.kubectl(['delete', 'node', name, '--wait=false']);
  });
  return name;
}

function podOn(node: string) {
  return {
    nodeSelector: { 'kubernetes.io/hostname': node },
    tolerations: [{ key: 'only', operator: 'Exists' }],
    containers: [{ name: 'a', image: 'busybox:1.37' }],
  };
}

function onNoNode<Pods extends { readonly template: object }>(pods: Pods) {
  return { ...pods, template: { ...pods.template, spec: podOn('no-such-node') } };
}

function words(object: KubeObject): string {
  const { state, message } = healthOf(object);
  return `${state}: ${message}`;
}

function matches(seen: object, expected: object): boolean {
  try {
    expect(seen).toEqual(expected);
    return true;
  } catch {
    return false;
  }
}
