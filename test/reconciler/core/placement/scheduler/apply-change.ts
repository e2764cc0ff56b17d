import type { Resources } from '../../../../../reconciler/core/facts/resources.ts';
import { units } from '../../../../../reconciler/core/facts/amounts.ts';
import type { NodeChange, SmallestChange } from '../../../../../reconciler/core/placement/result.ts';
import { CLUSTER_LABEL, type KubeNode } from './kube-objects.ts';

/** A node after what a refusal says would do; as it was where it is the pod that has to change. */
export function afterChange(node: KubeNode, change: NodeChange): KubeNode {
  switch (change.kind) {
    case 'room':
      return withMore(node, quantities(change.more));
    case 'drives': {
      // Whoever signs drives writes afterwards how many there are.
      const lagging = signedDrives(node) - units(node.status.allocatable['weka.io/drives'] ?? '0');
      return withMore(node, { 'weka.io/drives': [lagging + change.more, ''] });
    }
    case 'pods':
      return withMore(node, { pods: [change.more, ''] });
    case 'service': {
      const taints = node.spec.taints.filter(({ key }) => !key.startsWith('node.kubernetes.io/'));
      const conditions = [{ type: 'Ready', status: 'True' }];
      return { ...node, spec: { taints }, status: { ...node.status, conditions } };
    }
    case 'hostname':
      return withLabels(node, { 'kubernetes.io/hostname': change.node });
    case 'labels':
      return withLabels(node, change.labels);
    case 'taint':
      return node;
  }
}

function withLabels(node: KubeNode, more: Readonly<Record<string, string>>): KubeNode {
  const labels = { ...node.metadata.labels, ...more };
  return { ...node, metadata: { ...node.metadata, labels } };
}

/** Drives that are signed and not blocked. */
function signedDrives({ metadata: { annotations } }: KubeNode): number {
  const count = (name: string) => (JSON.parse(annotations[name] ?? '[]') as readonly string[]).length;
  return count('weka.io/weka-drives') - count('weka.io/blocked-drives');
}

/** The further node that a refusal speaks of: with just the room and the labels that it names. */
export function furtherNode(
  { labels, newPlaces = [], room }: NonNullable<SmallestChange['newNode']>,
  cluster: string,
): KubeNode {
  const name = `${cluster}-further`;
  const fixed = {
    [CLUSTER_LABEL]: cluster,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/hostname': name,
  };
  const own = Object.fromEntries(newPlaces.map((label) => [label, 'of-its-own']));
  const empty: KubeNode = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...labels, ...own, ...fixed }, annotations: {} },
    spec: { taints: [] },
    status: { capacity: {}, allocatable: {}, conditions: [{ type: 'Ready', status: 'True' }] },
  };
  return withMore(empty, { ...quantities(room), pods: [1, ''] });
}

/** A node that has this resource too. */
export function withResource(node: KubeNode, name: string): KubeNode {
  return withMore(node, { [name]: [1, ''] });
}

type Amounts = Readonly<Record<string, readonly [number, string]>>;

function withMore(node: KubeNode, more: Amounts): KubeNode {
  const has = { ...node.status.allocatable };
  for (const [name, [amount, unit]] of Object.entries(more)) {
    if (amount === 0) continue;
    const before = unit === 'm' ? millisOf(has[name]) : units(has[name] ?? '0');
    has[name] = `${before + amount}${unit}`;
  }
  return { ...node, status: { ...node.status, capacity: has, allocatable: has } };
}

function millisOf(quantity = '0'): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}

function quantities(amount: Resources): Amounts {
  return {
    cpu: [amount.cpuMillis, 'm'],
    memory: [amount.memoryBytes, ''],
    'hugepages-2Mi': [amount.hugePages2MiBytes, ''],
    'hugepages-1Gi': [amount.hugePages1GiBytes, ''],
    'ephemeral-storage': [amount.ephemeralBytes, ''],
    'weka.io/drives': [amount.drives, ''],
    'weka.io/shared-drives-capacity': [amount.tlcGiB, ''],
    'weka.io/shared-drives-capacity-qlc': [amount.qlcGiB, ''],
  };
}
