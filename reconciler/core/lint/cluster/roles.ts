import type { ClusterSpec } from '../../../../schemas/weka/cluster-spec.ts';

/** Roles of a cluster's containers, with the fields that count them and their cores. */
export const ROLES = [
  { role: 'compute', containers: 'computeContainers', cores: 'computeCores' },
  { role: 'drive', containers: 'driveContainers', cores: 'driveCores' },
  { role: 's3', containers: 's3Containers', cores: 's3Cores' },
  { role: 'nfs', containers: 'nfsContainers', cores: 'nfsCores' },
  { role: 'smbw', containers: 'smbwContainers', cores: 'smbwCores' },
  { role: 'dataServices', containers: 'dataServicesContainers', cores: 'dataServicesCores' },
] as const;

export type Role = (typeof ROLES)[number]['role'];

/** What containers of a role are called. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  compute: 'compute',
  drive: 'drive',
  s3: 'S3',
  nfs: 'NFS',
  smbw: 'SMB',
  dataServices: 'data services',
};

/** Labels of the nodes for a role: its own in place of the general ones, never both (weka-operator §1.1). */
export function nodeLabelsOf(
  { nodeSelector, roleNodeSelector }: Pick<ClusterSpec, 'nodeSelector' | 'roleNodeSelector'>,
  role: Role,
): Readonly<Record<string, string>> {
  return roleNodeSelector?.[role] ?? nodeSelector ?? {};
}
