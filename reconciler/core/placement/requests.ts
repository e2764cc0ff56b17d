import type { ClientSpec } from '../../../schemas/weka/client-spec.ts';
import type { ClusterSpec } from '../../../schemas/weka/cluster-spec.ts';
import type { Sizing } from '../../../schemas/weka/sizing.ts';
import {
  COMPANIONS,
  computeCapacityMiB,
  cpuMillis,
  hugePagesMiB,
  memoryMiB,
  splitByType,
  type ByType,
  type CpuChoice,
} from '../desired/sizing.ts';
import { millis, units } from '../facts/amounts.ts';
import { NOTHING, type Resources } from '../facts/resources.ts';
import type { ClusterRole } from './cluster-role.ts';
import type { Shape } from './wanted.ts';

const MIB = 2 ** 20;

/** Disk that every container of WEKA requests; its state lies on a path of the node or a claim (weka-operator §2.3). */
export const EPHEMERAL_BYTES = 100 * MIB;

type Requests = Shape['requests'];

/** What a container of a cluster requests. */
export function roleRequests(cluster: ClusterSpec, sizing: Sizing, role: ClusterRole): Requests {
  const cores = sizing[role.cores];
  const extraCores = sizing[role.extraCores];
  const shared = role.role === 'drive' ? sharedGiB(sizing) : undefined;
  const drives = role.role === 'drive' ? sizing.numDrives : 0;
  const given = sizing[role.hugePages] ?? 0;
  const capacityMiB = role.role === 'compute' ? capacityOfComputeMiB(sizing) : 0;
  const hugePages = given || hugePagesMiB({ role: role.role, cores, drives, capacityMiB });
  const memory =
    memoryMiB({ role: role.role, cores, extraCores, drives }) + (cluster.additionalMemory?.[role.role] ?? 0);
  return forBoth({ role: role.role, cores, extraCores, policy: cluster.cpuPolicy }, (cpu) => ({
    ...NOTHING,
    cpuMillis: cpu ?? 0,
    memoryBytes: memory * MIB,
    hugePages2MiBytes: hugePages * MIB,
    ephemeralBytes: EPHEMERAL_BYTES,
    ...(shared === undefined ? { drives } : { tlcGiB: shared.tlc, qlcGiB: shared.qlc }),
  }));
}

/** GiB of shared drives that each drive container asks for, by type; undefined where its drives are whole. */
export function sharedGiB({
  containerCapacity,
  driveCapacity,
  numDrives,
  driveTypesRatio,
}: Sizing): ByType | undefined {
  const total = containerCapacity || (driveCapacity ?? 0) * numDrives;
  return total === 0 ? undefined : splitByType(total, driveTypesRatio);
}

function capacityOfComputeMiB(sizing: Sizing): number {
  const shared = sharedGiB(sizing);
  if (shared === undefined) return 0;
  const { driveContainers, computeContainers } = sizing;
  return computeCapacityMiB({
    tlcGiB: shared.tlc * driveContainers,
    qlcGiB: shared.qlc * driveContainers,
    computeContainers,
  });
}

/** What the proxy before S3 requests. */
export function envoyRequests(cluster: ClusterSpec, sizing: Sizing): Requests {
  const { cpuMillis: cpu, memoryMiB: memory } = COMPANIONS.envoy(sizing.envoyCores);
  return same(cpu, memory + (cluster.additionalMemory?.envoy ?? 0));
}

/** What telemetry requests beside a compute container. */
export function telemetryRequests(): Requests {
  return same(COMPANIONS.telemetry.cpuMillis, COMPANIONS.telemetry.memoryMiB);
}

function same(cpu: number, memory: number): Requests {
  const requests = {
    ...NOTHING,
    cpuMillis: cpu,
    memoryBytes: memory * MIB,
    ephemeralBytes: EPHEMERAL_BYTES,
  };
  return { plain: requests, threaded: requests };
}

/** What a client of these cores requests; what its manifest says of CPU, memory or huge pages stands in place. */
export function clientRequests(
  choice: Omit<CpuChoice, 'hyperThreading' | 'role'>,
  {
    hugepagesMiB,
    additionalMemory,
    resources,
    cpuRequest,
  }: Pick<ClientSpec, 'resources' | 'cpuRequest' | 'additionalMemory'> & { readonly hugepagesMiB: number },
): Requests {
  const asked = { ...resources?.limits, ...resources?.requests };
  const { cores, extraCores, policy } = choice;
  const memory = memoryMiB({ role: 'client', cores, extraCores, drives: 0 }) + additionalMemory;
  const cpu = asked.cpu ?? (policy === 'shared' ? cpuRequest : undefined);
  return forBoth({ ...choice, role: 'client' }, (computed) => ({
    ...NOTHING,
    cpuMillis: cpu === undefined ? (computed ?? 0) : millis(cpu),
    memoryBytes: asked.memory === undefined ? memory * MIB : units(asked.memory),
    hugePages2MiBytes:
      asked['hugepages-2Mi'] === undefined ? hugepagesMiB * MIB : units(asked['hugepages-2Mi']),
    ephemeralBytes: EPHEMERAL_BYTES,
  }));
}

function forBoth(
  choice: Omit<CpuChoice, 'hyperThreading'>,
  requests: (cpu: number | undefined) => Resources,
): Requests {
  return {
    plain: requests(cpuMillis({ ...choice, hyperThreading: false })),
    threaded: requests(cpuMillis({ ...choice, hyperThreading: true })),
  };
}
