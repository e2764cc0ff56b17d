/** A node that KWOK simulates. */
export interface NodeSpec {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly taints?: readonly { key: string; value?: string; effect: string }[];
  /** What it has, beside or instead of the usual; all of it is allocatable. */
  readonly capacity?: Readonly<Record<string, string>>;
}

const usualCapacity = {
  cpu: '32',
  memory: '128Gi',
  pods: '110',
  'ephemeral-storage': '500Gi',
  'hugepages-2Mi': '32Gi',
};

/** The object that makes KWOK run such a node. */
export function simulatedNode({ name, labels, annotations, taints, capacity }: NodeSpec): object {
  const has = { ...usualCapacity, ...capacity };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
      annotations: { 'kwok.x-k8s.io/node': 'fake', ...annotations },
    },
    spec: { ...(taints && { taints }) },
    status: { capacity: has, allocatable: has },
  };
}
