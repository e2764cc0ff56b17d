import { wantClient } from '../../../../../reconciler/core/placement/want-client.ts';
import { wantCluster } from '../../../../../reconciler/core/placement/want-cluster.ts';
import { wantContainer } from '../../../../../reconciler/core/placement/want-container.ts';
import type { PlacementNode } from '../../../../../reconciler/core/placement/input.ts';
import type { Wants } from '../../../../../reconciler/core/placement/wanted.ts';
import { WekaClient } from '../../../../../schemas/weka-client.ts';
import { WekaCluster } from '../../../../../schemas/weka-cluster.ts';
import { WekaContainer } from '../../../../../schemas/weka-container.ts';
import type { Chance } from './chance.ts';
import type { NodeStyle } from './random-nodes.ts';

const API = 'weka.weka.io/v1alpha1';
const IMAGE = 'quay.io/weka.io/weka-in-container:4.4.10';

/** Clusters, clients and single containers of WEKA, as manifests ask for them. */
export function randomWants(
  chance: Chance,
  namespace: string,
  nodes: readonly PlacementNode[],
  style: NodeStyle,
): Wants {
  const all = [
    ...Array.from({ length: chance.one([1, 1, 1, 2]) }, (_, index) =>
      clusterWants(chance, namespace, `weka-${index}`, style),
    ),
    ...Array.from({ length: chance.one([0, 0, 1]) }, () => clientWants(chance, namespace, nodes)),
    ...Array.from({ length: chance.between(0, 2) }, (_, index) =>
      containerWants(chance, namespace, `single-${index}`, nodes, style),
    ),
  ];
  return {
    containers: all.flatMap(({ containers }) => containers),
    ranges: all.flatMap(({ ranges }) => ranges),
  };
}

function clusterWants(chance: Chance, namespace: string, name: string, style: NodeStyle): Wants {
  const count = { drive: chance.between(0, 4), compute: chance.between(0, 4) };
  const { domain, free } = failureDomain(chance, style);
  const manifest = WekaCluster.parse({
    apiVersion: API,
    kind: 'WekaCluster',
    metadata: { name, namespace },
    spec: {
      image: IMAGE,
      dynamicTemplate: {
        driveContainers: Math.max(1, count.drive),
        computeContainers: Math.max(1, count.compute),
        s3Containers: chance.one([0, 0, 1, 2]),
        nfsContainers: chance.one([0, 0, 0, 1]),
        smbwContainers: chance.in100(5) ? 3 : 0,
        dataServicesContainers: chance.in100(10) ? 1 : 0,
        driveCores: chance.between(1, 2),
        computeCores: chance.between(1, 2),
        ...(style.shares
          ? { containerCapacity: chance.one([500, 1000, 3000]) }
          : { numDrives: chance.between(1, 3) }),
        ...(style.shares && chance.in100(30) && { driveTypesRatio: { tlc: 2, qlc: 1 } }),
      },
      ...chance.maybe(40, () => ({ nodeSelector: { use: 'weka' } })),
      ...chance.maybe(15, () => ({ roleNodeSelector: { drive: { disks: String(chance.between(1, 9)) } } })),
      ...chance.maybe(20, () => ({ tolerations: ['gpu'] })),
      ...chance.maybe(10, () => ({ rawTolerations: [{ operator: 'Exists' }] })),
      ...domain,
      podConfig: {
        ...chance.maybe(20, () => ({ topologySpreadConstraints: constraints(chance, free) })),
        ...chance.maybe(15, () => ({ roleTopologySpreadConstraints: { drive: constraints(chance, free) } })),
        ...chance.maybe(12, () => ({ affinity: affinity(chance, style) })),
        ...chance.maybe(12, () => ({ roleAffinity: { compute: affinity(chance, style) } })),
      },
      ...chance.maybe(10, () => ({ overrides: { disregardRedundancy: true } })),
      ...chance.maybe(10, () => ({
        cpuPolicy: 'manual',
        roleCoreIds: { drive: [2, 3], compute: [chance.between(3, 4), 5], s3: [6, 7], nfs: [8, 9] },
      })),
      ...chance.maybe(20, () => ({
        telemetry: {
          exports: [
            { name: 'a', sources: ['audit'], splunk: { authTokenSecretRef: 's.k', endpoint: 'https://a' } },
          ],
        },
      })),
    },
  });
  const wants = wantCluster(manifest, { allowMultipleProtocolsPerNode: chance.in100(10) });
  // Every cluster has some of these; what is generated need not.
  const containers = wants.containers.filter(
    ({ shape: { mode } }) => !(mode in count) || count[mode as keyof typeof count] > 0,
  );
  return { ...wants, containers };
}

/** Perhaps a failure domain, and the labels that are left for constraints: a pod has one for each label at most. */
function failureDomain(
  chance: Chance,
  { zone, rack }: NodeStyle,
): { readonly domain: object; readonly free: Free } {
  const free = [zone, rack] as const;
  switch (chance.between(0, 9)) {
    case 0:
    case 1:
    case 2: {
      const [label, other] = chance.one([free, [rack, zone] as const]);
      return { domain: { failureDomain: { label, skew: chance.between(1, 2) } }, free: [other] };
    }
    case 3:
      return { domain: { failureDomain: { compositeLabels: [zone, rack] } }, free };
    default:
      return { domain: {}, free };
  }
}

type Free = readonly [string, ...string[]];

function constraints(chance: Chance, labels: Free): readonly object[] {
  return Array.from({ length: chance.one([1, 1, 2]) }, (_, index) => {
    const topologyKey = index === 0 ? chance.one(labels) : 'kubernetes.io/hostname';
    // Nodes of other generated clusters have hostnames too.
    const anyNode = topologyKey !== 'kubernetes.io/hostname' && chance.in100(25);
    return {
      topologyKey,
      maxSkew: chance.between(1, 2),
      whenUnsatisfiable: chance.in100(85) ? 'DoNotSchedule' : 'ScheduleAnyway',
      ...chance.one([
        { labelSelector: { matchLabels: { app: 'weka' } } },
        {
          labelSelector: {
            matchExpressions: [{ key: 'weka.io/mode', operator: 'In', values: ['drive', 'compute'] }],
          },
        },
        { labelSelector: { matchLabels: { app: 'weka' } }, matchLabelKeys: ['weka.io/mode'] },
        { labelSelector: { matchLabels: { app: 'loner' } } },
        { labelSelector: {} },
        {},
      ]),
      ...(anyNode && { nodeAffinityPolicy: 'Ignore' }),
      ...chance.maybe(25, () => ({ nodeTaintsPolicy: 'Honor' })),
    };
  }).map((constraint) =>
    constraint.whenUnsatisfiable === 'DoNotSchedule' && chance.in100(25)
      ? { ...constraint, minDomains: chance.between(2, 4) }
      : constraint,
  );
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function affinity(chance: Chance, { zone, rack }: NodeStyle): object {
  const term = (topologyKey: string) => ({
    topologyKey,
    ...chance.one([
      { labelSelector: { matchLabels: { app: 'loner' } }, namespaceSelector: {} },
      { labelSelector: { matchLabels: { app: 'noisy' } }, namespaceSelector: {} },
      { labelSelector: { matchLabels: { 'weka.io/mode': chance.one(['drive', 'compute', 's3']) } } },
      { labelSelector: { matchLabels: { app: 'weka' } } },
    ]),
  });
  switch (chance.between(0, 3)) {
    case 0: {
      const requirement = chance.one<object>([
        { key: 'disks', operator: 'Gt', values: ['4'] },
        { key: 'disks', operator: 'Exists' },
        { key: zone, operator: 'In', values: ['east', 'west'] },
        { key: zone, operator: 'NotIn', values: ['east'] },
        { key: rack, operator: 'DoesNotExist' },
      ]);
      const other = { matchExpressions: [{ key: 'disks', operator: 'Lt', values: ['3'] }] };
      const nodeSelectorTerms = [{ matchExpressions: [requirement] }, ...(chance.in100(30) ? [other] : [])];
      return { nodeAffinity: { [REQUIRED]: { nodeSelectorTerms } } };
    }
    case 1:
      return { podAffinity: { [REQUIRED]: [term(chance.one([zone, rack]))] } };
    case 2:
      return { podAffinity: { [REQUIRED]: [term(zone), ...(chance.in100(40) ? [term(rack)] : [])] } };
    default:
      return { podAntiAffinity: { [REQUIRED]: [term(chance.one([zone, rack, 'kubernetes.io/hostname']))] } };
  }
}

function clientWants(chance: Chance, namespace: string, nodes: readonly PlacementNode[]): Wants {
  const manifest = WekaClient.parse({
    apiVersion: API,
    kind: 'WekaClient',
    metadata: { name: 'mounts', namespace },
    spec: {
      image: IMAGE,
      nodeSelector: { mounts: 'yes' },
      coresNum: chance.between(1, 2),
      ...chance.maybe(20, () => ({ rawTolerations: [{ key: 'batch', operator: 'Exists' }] })),
    },
  });
  return wantClient(manifest, nodes, []);
}

function containerWants(
  chance: Chance,
  namespace: string,
  name: string,
  nodes: readonly PlacementNode[],
  style: NodeStyle,
): Wants {
  const mode = chance.one(['drivers-dist', 'client', 'compute']);
  const node = chance.maybe(20, () => nodes[chance.between(0, nodes.length)]);
  const manifest = WekaContainer.parse({
    apiVersion: API,
    kind: 'WekaContainer',
    metadata: { name, namespace, labels: { app: 'weka' } },
    spec: {
      image: IMAGE,
      mode,
      ...(node && { nodeAffinity: node.labels['kubernetes.io/hostname'] }),
      ...chance.maybe(30, () => ({ nodeSelector: { use: 'weka' } })),
      ...chance.maybe(20, () => ({ tolerations: [{ key: 'gpu', operator: 'Equal', value: 'yes' }] })),
      ...chance.maybe(15, () => ({ affinity: affinity(chance, style) })),
      ...chance.maybe(15, () => ({
        topologySpreadConstraints: constraints(chance, [style.zone, style.rack]),
      })),
    },
  });
  return wantContainer(manifest);
}
