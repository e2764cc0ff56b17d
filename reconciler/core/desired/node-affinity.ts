interface Requirement {
  readonly key: string;
  readonly operator: 'In';
  readonly values: readonly string[];
}

/**
 * Affinity that keeps a pod on Linux nodes with all of `labels`, and on `node` where one is named. It is affinity and
 * not `nodeName`, so that the scheduler still accounts for what the pod takes (design: the scheduler checks).
 */
export function nodeAffinity(labels: Readonly<Record<string, string>>, node?: string): object {
  const requirement = (key: string, value: string): Requirement => ({ key, operator: 'In', values: [value] });
  const matchExpressions = [
    requirement('kubernetes.io/os', 'linux'),
    ...Object.entries(labels).map(([key, value]) => requirement(key, value)),
    ...(node === undefined ? [] : [requirement('kubernetes.io/hostname', node)]),
  ];
  return {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
  };
}
