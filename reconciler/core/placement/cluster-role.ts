/** Roles of a cluster's containers, the mode of their pods, and the fields of the template about them. */
export const CLUSTER_ROLES = [
  {
    role: 'drive',
    mode: 'drive',
    containers: 'driveContainers',
    cores: 'driveCores',
    extraCores: 'driveExtraCores',
    hugePages: 'driveHugepages',
  },
  {
    role: 'compute',
    mode: 'compute',
    containers: 'computeContainers',
    cores: 'computeCores',
    extraCores: 'computeExtraCores',
    hugePages: 'computeHugepages',
  },
  {
    role: 's3',
    mode: 's3',
    containers: 's3Containers',
    cores: 's3Cores',
    extraCores: 's3ExtraCores',
    hugePages: 's3FrontendHugepages',
  },
  {
    role: 'nfs',
    mode: 'nfs',
    containers: 'nfsContainers',
    cores: 'nfsCores',
    extraCores: 'nfsExtraCores',
    hugePages: 'nfsFrontendHugepages',
  },
  {
    role: 'smbw',
    mode: 'smbw',
    containers: 'smbwContainers',
    cores: 'smbwCores',
    extraCores: 'smbwExtraCores',
    hugePages: 'smbwFrontendHugepages',
  },
  {
    role: 'dataServices',
    mode: 'data-services',
    containers: 'dataServicesContainers',
    cores: 'dataServicesCores',
    extraCores: 'dataServicesExtraCores',
    hugePages: 'dataServicesHugepages',
  },
] as const;

export type ClusterRole = (typeof CLUSTER_ROLES)[number];

/** Modes in the order in which they are given up when there is not room for all: the data itself goes last. */
export const MODES_BY_WORTH: readonly string[] = [
  'drive',
  'compute',
  's3',
  'nfs',
  'smbw',
  'data-services',
  'envoy',
  'telemetry',
  'client',
];
