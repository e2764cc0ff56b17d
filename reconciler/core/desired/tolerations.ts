/** A Kubernetes toleration. */
export interface Toleration {
  readonly key?: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

const NO_EXECUTE = [
  'weka.io/shutdown-node',
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/network-unavailable',
  'node.kubernetes.io/unschedulable',
];

const PRESSURE = ['disk-pressure', 'cpu-pressure', 'memory-pressure'];

/**
 * Tolerations of pods that only help WEKA (distribution, builder): they stay through a node's troubles and run beside
 * any taint that merely keeps new pods away (weka-operator §2.4).
 */
export function helperTolerations(): readonly Toleration[] {
  return [
    ...NO_EXECUTE.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute' })),
    ...PRESSURE.map((name): Toleration => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' })),
    { operator: 'Exists', effect: 'NoSchedule' },
    { operator: 'Exists', effect: 'PreferNoSchedule' },
  ];
}
