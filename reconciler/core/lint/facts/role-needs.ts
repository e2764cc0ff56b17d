import type { ClientSpec } from '../../../../schemas/weka/client-spec.ts';
import type { ClusterSpec } from '../../../../schemas/weka/cluster-spec.ts';
import { clientSizingOf, type Sizing, sizingOf } from '../../../../schemas/weka/sizing.ts';
import {
  COMPANIONS,
  computeCapacityMiB,
  countedCores,
  cpuMillis,
  diskGiB,
  hugePagesMiB,
  memoryMiB,
  proxyHugePagesMiB,
} from '../../desired/sizing.ts';
import { millis, units } from '../../facts/amounts.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import { NOTHING, type Resources } from '../../facts/resources.ts';
import { splitByType } from '../cluster/drive-sharing.ts';
import { nodeLabelsOf, type Role, ROLES } from '../cluster/roles.ts';

/** What the containers of one role ask of nodes. */
export interface RoleNeed {
  readonly role: Role;
  /** `drive`, `S3`. */
  readonly words: string;
  readonly containers: number;
  /** The field of the template that says how many there are, and that which says how many cores each has. */
  readonly field: string;
  readonly coresField: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly onNode: (node: NodeFacts) => Resources;
  /** What a container should find under its persistence folder; 0 where that is not on the node. */
  readonly diskBytes: number;
}

const WORDS: Readonly<Record<Role, string>> = {
  compute: 'compute',
  drive: 'drive',
  s3: 'S3',
  nfs: 'NFS',
  smbw: 'SMB',
  dataServices: 'data services',
};

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What each role that a cluster asks for needs on a node; what stands beside its containers is counted with them. */
export function roleNeeds(cluster: ClusterSpec): readonly RoleNeed[] {
  const sizing = sizingOf(cluster);
  return ROLES.flatMap(({ role, containers, cores }) => {
    const count = sizing[containers];
    if (count === 0) return [];
    const need = { cluster, sizing, role, cores: sizing[cores], extraCores: sizing[`${role}ExtraCores`] };
    const plain = needOf(need, false);
    const threaded = needOf(need, true);
    const onNode = (node: NodeFacts) => (hasHyperThreading(node) ? threaded : plain);
    const labels = nodeLabelsOf(cluster, role);
    const diskBytes = cluster.globalPVC === undefined ? diskGiB(countedCores(need)) * GIB : 0;
    return [
      {
        role,
        words: WORDS[role],
        containers: count,
        field: containers,
        coresField: cores,
        labels,
        onNode,
        diskBytes,
      },
    ];
  });
}

/** What a client asks of each of its nodes. */
export function clientNeed(client: ClientSpec): Pick<RoleNeed, 'onNode' | 'diskBytes'> {
  const { cores, hugepagesMiB } = clientSizingOf(client);
  const { extraCores, cpuPolicy: policy, additionalMemory, cpuRequest, resources } = client;
  const asked = resources?.requests ?? resources?.limits ?? {};
  const need = (hyperThreading: boolean): Resources => {
    const computed = cpuMillis({ role: 'client', cores, extraCores, policy, hyperThreading });
    const cpu = asked.cpu ?? (policy === 'shared' ? cpuRequest : undefined);
    const memory = memoryMiB({ role: 'client', cores, extraCores, drives: 0 }) + additionalMemory;
    return {
      ...NOTHING,
      cpuMillis: cpu === undefined ? (computed ?? 0) : millis(cpu),
      memoryBytes: asked.memory === undefined ? memory * MIB : units(asked.memory),
      hugePages2MiBytes:
        asked['hugepages-2Mi'] === undefined ? hugepagesMiB * MIB : units(asked['hugepages-2Mi']),
    };
  };
  const plain = need(false);
  const threaded = need(true);
  return {
    onNode: (node) => (hasHyperThreading(node) ? threaded : plain),
    diskBytes: client.globalPVC === undefined ? diskGiB(cores) * GIB : 0,
  };
}

function hasHyperThreading({ annotations }: NodeFacts): boolean {
  return annotations.discovery?.hyperThreading === true;
}

interface Need {
  readonly cluster: ClusterSpec;
  readonly sizing: Sizing;
  readonly role: Role;
  readonly cores: number;
  readonly extraCores: number;
}

function needOf(need: Need, hyperThreading: boolean): Resources {
  const { cluster, sizing, role, cores } = need;
  const drives = role === 'drive' ? sizing.numDrives : 0;
  const shared = sharedGiB(sizing);
  const all = {
    tlcGiB: (shared?.tlc ?? 0) * sizing.driveContainers,
    qlcGiB: (shared?.qlc ?? 0) * sizing.driveContainers,
  };
  const capacityMiB =
    role === 'compute' ? computeCapacityMiB({ ...all, computeContainers: sizing.computeContainers }) : 0;
  const beside = companionOf(need);
  const own = {
    cpu: cpuMillis({ ...need, policy: cluster.cpuPolicy, hyperThreading }) ?? 0,
    memory: memoryMiB({ ...need, drives }) + (cluster.additionalMemory?.[role] ?? 0),
    hugePages: givenHugePages(sizing, role) || hugePagesMiB({ role, cores, drives, capacityMiB }),
  };
  return {
    ...NOTHING,
    cpuMillis: own.cpu + beside.cpuMillis,
    memoryBytes: (own.memory + beside.memoryMiB) * MIB,
    hugePages2MiBytes: (own.hugePages + beside.hugePagesMiB) * MIB,
    ...(role === 'drive' && (shared === undefined ? { drives } : { tlcGiB: shared.tlc, qlcGiB: shared.qlc })),
  };
}

/** GiB of shared drives of each drive container, by type; undefined where drives are whole. */
function sharedGiB(sizing: Sizing): { readonly tlc: number; readonly qlc: number } | undefined {
  const { containerCapacity, driveCapacity, numDrives, driveTypesRatio } = sizing;
  const total = containerCapacity || (driveCapacity ?? 0) * numDrives;
  return total === 0 ? undefined : splitByType(total, driveTypesRatio);
}

/** What always stands on the node of such a container (weka-operator §2.1, §2.4). */
function companionOf({ cluster, sizing, role }: Need): {
  readonly cpuMillis: number;
  readonly memoryMiB: number;
  readonly hugePagesMiB: number;
} {
  if (role === 's3') {
    const envoy = COMPANIONS.envoy(sizing.envoyCores);
    return { ...envoy, memoryMiB: envoy.memoryMiB + (cluster.additionalMemory?.envoy ?? 0), hugePagesMiB: 0 };
  }
  if (role === 'compute' && (cluster.telemetry?.exports ?? []).length > 0) {
    return { ...COMPANIONS.telemetry, hugePagesMiB: 0 };
  }
  const shared = role === 'drive' ? sharedGiB(sizing) : undefined;
  if (shared === undefined) return { cpuMillis: 0, memoryMiB: 0, hugePagesMiB: 0 };
  // One drive that holds it all is the least that there can be.
  const largestTiB = (shared.tlc + shared.qlc) / 1024;
  return { ...COMPANIONS.driveProxy, hugePagesMiB: proxyHugePagesMiB({ drives: 1, largestTiB }) };
}

function givenHugePages(sizing: Sizing, role: Role): number | undefined {
  switch (role) {
    case 'compute':
      return sizing.computeHugepages;
    case 'drive':
      return sizing.driveHugepages;
    case 's3':
      return sizing.s3FrontendHugepages;
    case 'nfs':
      return sizing.nfsFrontendHugepages;
    case 'smbw':
      return sizing.smbwFrontendHugepages;
    case 'dataServices':
      return sizing.dataServicesHugepages;
  }
}
