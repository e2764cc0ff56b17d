import type { ClientSpec } from './client-spec.ts';
import type { ClusterSpec } from './cluster-spec.ts';
import type { DynamicTemplate } from './cluster-template.ts';

/** A template without a choice left in its containers, cores and drives. */
export interface Sizing extends DynamicTemplate {
  /** 0 where capacity decides, and not the number of drives. */
  readonly numDrives: number;
}

/**
 * Containers, cores and drives of a cluster as the operator counts them. Beyond the schema's defaults, cores of 0 are
 * cores that are not set, and a drive container has one drive unless a capacity says otherwise.
 */
export function sizingOf({ dynamicTemplate: given }: Pick<ClusterSpec, 'dynamicTemplate'>): Sizing {
  const byCapacity = Boolean(given.containerCapacity) || given.clusterCapacity !== undefined;
  return {
    ...given,
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
