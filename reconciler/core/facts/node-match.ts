import type { NodeFacts, Taint } from './node-facts.ts';

/** As a manifest writes it: `Equal` where no operator is named, every effect where none is. */
export interface TolerationFacts {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

/** Whether a node is one of Linux and has all labels. */
export function hasLabels(
  node: Pick<NodeFacts, 'labels'>,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (node.labels['kubernetes.io/os'] !== 'linux') return false;
  return Object.entries(labels).every(([label, value]) => node.labels[label] === value);
}

/** The taint that keeps a pod with these tolerations off the node; undefined where none does. */
export function repellent(
  node: Pick<NodeFacts, 'taints'>,
  tolerations: readonly TolerationFacts[],
): Taint | undefined {
  return node.taints.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

function tolerates({ key, operator, value, effect }: TolerationFacts, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator ?? 'Equal') {
    case 'Exists':
      return true;
    case 'Gt':
    case 'Lt': {
      const [has, bound] = [Number(taint.value || Number.NaN), Number(value || Number.NaN)];
      return Boolean(key) && (operator === 'Gt' ? has > bound : has < bound);
    }
    default:
      return Boolean(key) && (value ?? '') === taint.value;
  }
}

/** `dedicated=gpu:NoSchedule`. */
export function taintWords({ key, value, effect }: Taint): string {
  return `${key}${value === '' ? '' : `=${value}`}:${effect}`;
}

/**
 * Tolerations of the pods of a cluster or of clients: each key of `tolerations` whatever its value, the raw ones, and
 * those that every pod of WEKA has; clients put up with every NoSchedule besides (weka-operator §2.4).
 */
export function wekaTolerations(
  {
    tolerations = [],
    rawTolerations = [],
  }: {
    readonly tolerations?: readonly string[] | undefined;
    readonly rawTolerations?: readonly TolerationFacts[] | undefined;
  },
  of: 'cluster' | 'client',
): readonly TolerationFacts[] {
  return [
    { key: 'weka.io/shutdown-node', operator: 'Exists', effect: 'NoExecute' },
    ...(of === 'client' ? [{ operator: 'Exists', effect: 'NoSchedule' }] : []),
    ...tolerations.flatMap((key) =>
      ['NoExecute', 'NoSchedule'].map((effect) => ({ key, operator: 'Exists', effect })),
    ),
    ...rawTolerations,
  ];
}
