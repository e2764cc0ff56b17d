import type { Chance } from './chance.ts';
import type { KubeNode, KubePod } from './kube-objects.ts';
import type { NodeStyle } from './random-nodes.ts';

/** Pods of others that are on a node already, without having been scheduled: they may even take more than it has. */
export function randomPods(
  chance: Chance,
  cluster: string,
  node: KubeNode,
  style: NodeStyle,
): readonly KubePod[] {
  const count = chance.one([0, 0, 0, 1, 1, 2]);
  return Array.from({ length: count }, (_, index) =>
    randomPod(chance, `${cluster}-other`, `${node.metadata.name}-pod-${index}`, node, style),
  );
}

function randomPod(
  chance: Chance,
  namespace: string,
  name: string,
  node: KubeNode,
  style: NodeStyle,
): KubePod {
  const requests = {
    cpu: chance.one(['100m', '1', '2', '2500m']),
    memory: chance.one(['128Mi', '1Gi', '8G']),
    ...chance.maybe(15, () => ({ 'hugepages-2Mi': `${chance.between(1, 4) * 700}Mi` })),
    ...chance.maybe(10, () => ({ 'ephemeral-storage': '120Mi' })),
  };
  const drives = chance.maybe(3, () => ({ 'weka.io/drives': '1' }));
  const container = (each: string, wants: object, more: object = {}) => ({
    name: each,
    image: 'other',
    resources: { requests: wants, limits: wants },
    ...more,
  });
  const hostPort = chance.maybe(12, () => chance.between(35_000, 35_450));
  const ports = hostPort === undefined ? {} : { ports: [{ containerPort: hostPort, hostPort }] };
  const first = chance.one(['init', 'sidecar', 'none', 'none']);
  const larger = { cpu: chance.one(['50m', '3']), memory: '2Gi' };
  const fate = chance.between(0, 19);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace,
      name,
      labels: {
        app: chance.one(['loner', 'noisy', 'weka']),
        ...chance.maybe(10, () => ({ 'weka.io/mode': chance.one(['client', 'nfs', 'drive']) })),
      },
      // Held back by its finalizer, so that it stays while it is being deleted.
      ...(fate === 0 && { finalizers: ['proof.example/held'], deletionTimestamp: '2026-01-01T00:00:00Z' }),
    },
    spec: {
      nodeName: node.metadata.name,
      ...(first !== 'none' && {
        initContainers: [container('first', larger, first === 'sidecar' ? { restartPolicy: 'Always' } : {})],
      }),
      containers: [container('main', { ...requests, ...drives }, ports)],
      // What the pod asks for as a whole may not be less than what its containers do.
      ...chance.maybe(8, () => ({ resources: { requests: { cpu: '5600m', memory: '12Gi' } } })),
      ...chance.maybe(8, () => ({ affinity: { podAntiAffinity: keepsAway(chance, style) } })),
    },
    ...(fate === 1 && { status: { phase: chance.one(['Succeeded', 'Failed']) } }),
  };
}

/** Keeps some pods of WEKA away from its host or zone. */
function keepsAway(chance: Chance, { zone }: NodeStyle): object {
  return {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        topologyKey: chance.one(['kubernetes.io/hostname', zone]),
        labelSelector: {
          matchLabels: { 'weka.io/mode': chance.one(['compute', 'client', 's3', 'telemetry']) },
        },
        ...(chance.in100(70) ? { namespaceSelector: {} } : {}),
      },
    ],
  };
}
