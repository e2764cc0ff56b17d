import type { Chance } from './chance.ts';
import { CLUSTER_LABEL, type KubeNode, type KubeTaint } from './kube-objects.ts';

/** How the nodes of one generated cluster are. */
export interface NodeStyle {
  /** Names of labels that no other cluster has, since the scheduler counts places in all of them. */
  readonly zone: string;
  readonly rack: string;
  /** Whether drives are shared and not given whole. */
  readonly shares: boolean;
  readonly threads: 'no' | 'all' | 'some';
}

/** A resource of which this node alone has some: a pod that requests it can be nowhere else. */
export function onlyOn(index: number): string {
  return `proof.example/node-${index}`;
}

/** More than pods can have of any node, since the system has its part. */
const SET_ASIDE = { cpu: '96', memory: '512Gi', 'ephemeral-storage': '1Ti' };

/** A node in good health, of any size and with any labels. */
export function randomNode(chance: Chance, cluster: string, index: number, style: NodeStyle): KubeNode {
  const name = `${cluster}-n${index}`;
  const { zone, rack, shares, threads } = style;
  const isThreaded = threads === 'all' || (threads === 'some' && chance.in100(50));
  const drives = shares ? 0 : chance.between(0, 6);
  const serials = Array.from({ length: drives }, (_, each) => `${name}-${each}`);
  const blocked = serials.slice(0, chance.in100(15) ? 1 : 0);
  const signed = serials.length - blocked.length;
  const shared = shares
    ? Array.from({ length: chance.between(0, 3) }, (_, each) => ({
        serial: `${name}-${each}`,
        capacity_gib: chance.one([1000, 3500, 7000]),
        type: chance.in100(80) ? 'TLC' : 'QLC',
      }))
    : undefined;
  const capacityOf = (type: string) =>
    (shared ?? [])
      .filter((each) => each.type === type)
      .reduce((sum, { capacity_gib: capacity }) => sum + capacity, 0);
  const has = {
    cpu: chance.one(['3500m', '6', '12', '16', '24', '32', '64']),
    memory: `${chance.one([24, 64, 128, 256])}Gi`,
    'hugepages-2Mi': `${chance.between(1, 14) * 1400 + chance.one([0, 2, 200, 1600])}Mi`,
    'ephemeral-storage': chance.in100(5) ? '150Mi' : '100Gi',
    pods: String(chance.in100(12) ? chance.between(1, 5) : 110),
    'weka.io/drives': String(chance.in100(5) ? Math.max(0, signed - 1) : signed),
    ...(shared && {
      'weka.io/shared-drives-capacity': String(capacityOf('TLC')),
      'weka.io/shared-drives-capacity-qlc': String(capacityOf('QLC')),
    }),
    [onlyOn(index)]: '1000',
  };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [CLUSTER_LABEL]: cluster,
        ...chance.maybe(97, () => ({ 'kubernetes.io/os': chance.in100(3) ? 'windows' : 'linux' })),
        ...chance.maybe(98, () => ({
          'kubernetes.io/hostname': chance.in100(10) ? `host-of-${name}` : name,
        })),
        ...chance.maybe(92, () => ({ [zone]: chance.one(['east', 'west', 'north']) })),
        ...chance.maybe(90, () => ({ [rack]: chance.one(['1', '2', '3', '4']) })),
        ...chance.maybe(75, () => ({ use: 'weka' })),
        ...chance.maybe(40, () => ({ disks: String(chance.between(1, 9)) })),
        ...chance.maybe(30, () => ({ mounts: 'yes' })),
      },
      annotations: {
        'weka.io/weka-drives': JSON.stringify(serials),
        ...(blocked.length > 0 && { 'weka.io/blocked-drives': JSON.stringify(blocked) }),
        ...(shared && { 'weka.io/weka-shared-drives': JSON.stringify(shared) }),
        'weka.io/discovery.json': JSON.stringify({ is_ht: isThreaded }),
      },
    },
    spec: { taints: [] },
    status: {
      capacity: { ...has, ...SET_ASIDE },
      allocatable: has,
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

const NO_SCHEDULE = 'NoSchedule';

/** The same node after something may have come over it, with the taints that the control plane then puts on it. */
export function troubled(chance: Chance, node: KubeNode): KubeNode {
  const taints: KubeTaint[] = [
    ...(chance.in100(12) ? [{ key: 'gpu', value: 'yes', effect: NO_SCHEDULE }] : []),
    ...(chance.in100(5) ? [{ key: 'batch', effect: 'NoExecute' }] : []),
    ...(chance.in100(10) ? [{ key: 'slow', effect: 'PreferNoSchedule' }] : []),
    // What a person, or who provides the machines, says of a node that is ready by its conditions.
    ...(chance.in100(4)
      ? [
          {
            key: 'node.kubernetes.io/out-of-service',
            value: 'nodeshutdown',
            effect: chance.one([NO_SCHEDULE, 'NoExecute']),
          },
        ]
      : []),
    ...(chance.in100(4)
      ? [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: NO_SCHEDULE }]
      : []),
    ...(chance.in100(3) ? [{ key: 'node.cloudprovider.kubernetes.io/shutdown', effect: NO_SCHEDULE }] : []),
  ];
  const condition = (type: string, status: string) => [{ type, status }];
  switch (chance.between(0, 24)) {
    case 0:
    case 1:
      taints.push({ key: 'node.kubernetes.io/unschedulable', effect: NO_SCHEDULE });
      return { ...node, spec: { unschedulable: true, taints } };
    case 2:
      taints.push(
        { key: 'node.kubernetes.io/not-ready', effect: NO_SCHEDULE },
        { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
      );
      return {
        ...node,
        spec: { taints },
        status: { ...node.status, conditions: condition('Ready', 'False') },
      };
    case 3:
      taints.push({ key: 'node.kubernetes.io/disk-pressure', effect: NO_SCHEDULE });
      return {
        ...node,
        spec: { taints },
        status: {
          ...node.status,
          conditions: [...condition('Ready', 'True'), ...condition('DiskPressure', 'True')],
        },
      };
    default:
      return { ...node, spec: { taints } };
  }
}
