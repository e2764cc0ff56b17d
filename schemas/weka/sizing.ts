import type { ClientSpec } from './client-spec.ts';
import type { ClusterSpec } from './cluster-spec.ts';
import type { DynamicTemplate } from './cluster-template.ts';

/** Containers that compute, and containers that own drives, where a manifest does not count them. */
export const DEFAULT_CONTAINERS = 6;

/** How the capacity of a container is split between drive types where a manifest does not say it (weka-operator §2.8). */
export const DEFAULT_DRIVE_TYPES = { tlc: 1, qlc: 10 } as const;

/** A template without a choice left in its containers, cores and drives. */
export interface Sizing extends DynamicTemplate {
  /** 0 where capacity decides, and not the number of drives. */
  readonly numDrives: number;
}

/**
 * Containers, cores and drives of a cluster as the operator counts them. Beyond the schema's defaults, 0 containers of a
 * role that every cluster has are not set, and neither are 0 cores; a drive container has one drive unless a capacity
 * says otherwise; the capacity of a container is split between drive types, also where nothing is said of them.
 */
export function sizingOf({ dynamicTemplate: given }: Pick<ClusterSpec, 'dynamicTemplate'>): Sizing {
  const byCapacity = Boolean(given.containerCapacity) || given.clusterCapacity !== undefined;
  const driveTypesRatio =
    given.driveTypesRatio ?? (given.containerCapacity ? DEFAULT_DRIVE_TYPES : undefined);
  return {
    ...given,
    computeContainers: given.computeContainers || DEFAULT_CONTAINERS,
    driveContainers: given.driveContainers || DEFAULT_CONTAINERS,
    computeCores: given.computeCores || 1,
    driveCores: given.driveCores || 1,
    s3Cores: given.s3Cores || 1,
    nfsCores: given.nfsCores || 1,
    smbwCores: given.smbwCores || 1,
    dataServicesCores: given.dataServicesCores || 1,
    envoyCores: given.envoyCores || 1,
    s3ExtraCores: given.s3ExtraCores || 1,
    nfsExtraCores: given.nfsExtraCores || 1,
    numDrives: given.numDrives || (byCapacity ? 0 : 1),
    ...(driveTypesRatio === undefined ? {} : { driveTypesRatio }),
  };
}

/** Cores for data, and MiB of huge pages, of each client. */
export function clientSizingOf(client: Pick<ClientSpec, 'coresNum' | 'hugepages'>): {
  readonly cores: number;
  readonly hugepagesMiB: number;
} {
  const cores = client.coresNum || 1;
  return { cores, hugepagesMiB: client.hugepages || 1500 * cores };
}
