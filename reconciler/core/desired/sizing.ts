/** What of the sizing of WEKA's containers depends on the role; the mode of a client is a role too. */
export type SizedRole = 'compute' | 'drive' | 's3' | 'nfs' | 'smbw' | 'dataServices' | 'client';

export interface CpuChoice {
  readonly role: SizedRole;
  /** Cores for data. */
  readonly cores: number;
  readonly extraCores: number;
  readonly policy: 'auto' | 'shared' | 'dedicated' | 'dedicated_ht' | 'manual';
  /** Whether the node has hyper-threading, which `auto` depends on. */
  readonly hyperThreading: boolean;
}

/** Roles whose extra cores count (weka-operator §2.3). */
const EXTRA_CORES: ReadonlySet<SizedRole> = new Set(['compute', 'drive', 's3', 'nfs', 'dataServices']);

/** Cores for data and beside them, as memory and CPU count them. */
export function countedCores({
  role,
  cores,
  extraCores,
}: Pick<CpuChoice, 'role' | 'cores' | 'extraCores'>): number {
  return cores + (EXTRA_CORES.has(role) ? extraCores : 0);
}

/**
 * Millicores that the pod of a container requests (weka-operator §2.3): dedicated c+e+1 cores, dedicated_ht 2c+e+1,
 * manual c+e cores and 100 m. `auto` is dedicated_ht on a node with hyper-threading. Undefined for `shared`, which
 * only `resources` decide.
 */
export function cpuMillis(choice: CpuChoice): number | undefined {
  const { policy, hyperThreading, cores } = choice;
  const counted = countedCores(choice);
  switch (policy) {
    case 'shared':
      return undefined;
    case 'manual':
      return 1000 * counted + 100;
    case 'dedicated':
      return 1000 * (counted + 1);
    case 'dedicated_ht':
      return 1000 * (counted + cores + 1);
    case 'auto':
      return 1000 * (counted + (hyperThreading ? cores : 0) + 1);
  }
}

/** MiB of memory of a container, huge pages not counted (weka-operator §2.3). SMB is taken to be as S3 and NFS. */
export function memoryMiB({
  role,
  cores,
  extraCores,
  drives,
}: Pick<CpuChoice, 'role' | 'cores' | 'extraCores'> & { readonly drives: number }): number {
  const counted = countedCores({ role, cores, extraCores });
  switch (role) {
    case 'client':
      return 2000 + 1965 + 3050 * cores;
    case 'drive':
      return 4000 + 4000 + 3000 * counted + 700 * drives;
    case 'compute':
      return 4000 + 2700 + 5200 * counted;
    case 's3':
    case 'nfs':
    case 'smbw':
      return 450 + 2450 + 16000 + 3050 * cores;
    case 'dataServices':
      return 450 + 1965 + 3584 + 512 * cores;
  }
}

/**
 * MiB of huge pages of a container (weka-operator §2.3). `capacityMiB` is a compute container's part of the capacity,
 * `computeCapacityMiB`; SMB is taken to be as S3 and NFS.
 */
export function hugePagesMiB({
  role,
  cores,
  drives,
  capacityMiB = 0,
}: {
  readonly role: SizedRole;
  readonly cores: number;
  readonly drives: number;
  readonly capacityMiB?: number;
}): number {
  switch (role) {
    case 'drive':
      return drives === 0 ? 1600 * cores : 1400 * cores + 200 * drives;
    case 'compute':
      return 2 * Math.ceil(Math.max(capacityMiB + 1700 * cores, 3000 * cores) / 2);
    case 's3':
    case 'nfs':
    case 'smbw':
      return 1400 * cores;
    case 'dataServices':
      return 1536;
    case 'client':
      return 1500 * cores;
  }
}

/** A part for each type of drive. */
export interface ByType {
  readonly tlc: number;
  readonly qlc: number;
}

/** How a capacity is split between drive types: `total × tlc / (tlc + qlc)`, the rest on QLC; all on TLC without a ratio. */
export function splitByType(total: number, ratio: ByType | undefined): ByType {
  if (ratio === undefined || ratio.tlc + ratio.qlc === 0) return { tlc: total, qlc: 0 };
  const tlc = Math.floor((total * ratio.tlc) / (ratio.tlc + ratio.qlc));
  return { tlc, qlc: total - tlc };
}

/** MiB of huge pages of each compute container for the capacity of shared drives (weka-operator §2.3). */
export function computeCapacityMiB({
  tlcGiB,
  qlcGiB,
  computeContainers,
}: {
  readonly tlcGiB: number;
  readonly qlcGiB: number;
  readonly computeContainers: number;
}): number {
  return computeContainers === 0 ? 0 : ((tlcGiB * 1024) / 1000 + (qlcGiB * 1024) / 6000) / computeContainers;
}

/** MiB of huge pages of the proxy of a node's shared drives (weka-operator §2.3). */
export function proxyHugePagesMiB({
  drives,
  largestTiB,
}: {
  readonly drives: number;
  readonly largestTiB: number;
}): number {
  return 378 + 4 * drives * Math.ceil(largestTiB) + 2048;
}

/** What stands beside containers of a role: the proxy before S3, telemetry, the proxy of shared drives (§2.3). */
export const COMPANIONS = {
  envoy: (cores: number) => ({ cpuMillis: 1000 * cores, memoryMiB: 1024 }),
  telemetry: { cpuMillis: 1000, memoryMiB: 4096 },
  // 2500M in MiB.
  driveProxy: { cpuMillis: 500, memoryMiB: 2385 },
} as const;

/** GiB of disk that a container should find under its persistence folder (weka-operator §6.4). */
export function diskGiB(cores: number): number {
  return 10 + 20 * cores;
}
