import { z } from 'zod';
import { OptionalHttpUrl } from '../kube/address.ts';
import { KubeDuration } from '../kube/duration.ts';
import { Toleration } from '../kube/scheduling.ts';
import { NodeLabels } from '../kube/selectors.ts';
import { ClusterOverrides } from './cluster-overrides.ts';
import { PodConfig } from './cluster-pods.ts';
import { ClusterPorts } from './cluster-ports.ts';
import {
  CatalogConfig,
  EncryptionConfig,
  NfsConfig,
  S3Config,
  SmbwConfig,
  TelemetryConfig,
} from './cluster-protocols.ts';
import { DynamicTemplate } from './cluster-template.ts';
import { ClusterCsiConfig } from './csi.ts';
import { Network } from './network.ts';
import {
  CoreIds,
  CpuPolicy,
  FailureDomain,
  Numa,
  PvcConfig,
  TracesConfiguration,
  VersionedImage,
} from './resources.ts';
import { perRole } from './roles.ts';

const WekaHome = z.strictObject({
  endpoint: OptionalHttpUrl.default('https://api.home.weka.io').describe(
    'Address that the cluster reports to.',
  ),
  allowInsecure: z.boolean().default(false).describe('Whether any certificate of that address is taken.'),
  cacertSecret: z.string().optional().describe('Secret with the CA of that address.'),
  enableStats: z.boolean().default(true).describe('Whether figures on performance are reported too.'),
});

const MiB = z.int();
const AdditionalMemory = z.strictObject({
  ...perRole(MiB, (role) => `MiB for each ${role} container.`).shape,
  envoy: MiB.optional().describe('MiB for each proxy before S3.'),
  dataServicesFe: MiB.optional().describe('MiB for each front end of data services.'),
});

/** What a cluster of WEKA shall be. */
export const ClusterSpec = z.strictObject({
  template: z.string().default('dynamic').describe('How the cluster is laid out; only dynamic is left.'),
  image: VersionedImage.describe(
    'Image of every container, with its version; a change upgrades them in turn.',
  ),
  imagePullSecret: z
    .string()
    .optional()
    .describe('Secret in the cluster’s namespace to pull the image with.'),
  driversDistService: z
    .string()
    .optional()
    .describe(
      'Address that driver packages come from: https://drivers.weka.io, a distribution service that the repository makes, or one that ceilings.driverRegistries of the configuration names.',
    ),
  nodeSelector: NodeLabels.optional().describe('Labels that a node must have to host a container.'),
  roleNodeSelector: perRole(
    NodeLabels,
    (role) => `Labels of nodes for ${role} containers; replaces nodeSelector.`,
  )
    .optional()
    .describe(
      'Labels of the nodes for each role, in place of nodeSelector; containers on other nodes stay until they are replaced.',
    ),
  roleAnnotations: perRole(z.record(z.string(), z.string()), (role) => `Annotations of ${role} pods.`)
    .optional()
    .describe('Annotations of the pods of each role; pods that run keep theirs until they are made anew.'),
  roleNetworkSelector: perRole(Network, (role) => `Devices of ${role} containers; replaces network.`)
    .optional()
    .describe('Network devices of each role, in place of network; a change restarts its containers.'),
  failureDomain: FailureDomain.optional().describe(
    'Which nodes fail together. It counts when a container is made.',
  ),
  podConfig: PodConfig.optional().describe('More on the pods of the cluster.'),
  cpuPolicy: CpuPolicy.default('auto').describe(
    'How cores are given to containers; auto: whole cores, with their siblings where a node has hyper-threading.',
  ),
  tracesConfiguration: TracesConfiguration.prefault({}).describe(
    'How much of the traces is kept; a lower number makes older ones go.',
  ),
  tolerations: z
    .array(z.string())
    .optional()
    .describe('Keys of taints that pods put up with, whatever their value, for NoSchedule and NoExecute.'),
  rawTolerations: z.array(Toleration).optional().describe('Taints that pods put up with, in full.'),
  wekaHome: WekaHome.optional().describe(
    'Where the cluster reports to; a change sends reports elsewhere from then on.',
  ),
  ipv6: z
    .boolean()
    .default(false)
    .describe('Whether the cluster speaks IPv6. It counts when the cluster is formed.'),
  additionalMemory: AdditionalMemory.optional().describe(
    'MiB on top of the computed memory, or below it; by role.',
  ),
  ports: ClusterPorts.optional().describe('Ports; those that are unset are chosen.'),
  operatorSecretRef: z
    .string()
    .optional()
    .describe('Secret with the credentials of a cluster that exists, to join it and not form one.'),
  expandEndpoints: z
    .array(z.string())
    .optional()
    .describe('Addresses of a cluster that exists, which the containers join instead of forming one.'),
  dynamicTemplate: DynamicTemplate.prefault({}).describe('Containers and cores of each role.'),
  network: Network.optional().describe('Network devices that carry data; a change restarts containers.'),
  hotSpare: z
    .int()
    .min(0)
    .default(0)
    .describe('Failure domains whose loss leaves the full capacity; a larger number takes capacity for it.'),
  redundancyLevel: z
    .int()
    .min(0)
    .optional()
    .describe('Failures that data survives, 2 or 4. It counts when the cluster is formed.'),
  stripeWidth: z
    .int()
    .min(0)
    .optional()
    .describe('Blocks of data that are protected together, 3 to 16. It counts when the cluster is formed.'),
  leadershipRaftSize: z
    .int()
    .min(0)
    .optional()
    .describe('Containers that elect the leader: 5, or 9. It counts when the cluster is formed.'),
  bucketRaftSize: z
    .int()
    .min(0)
    .optional()
    .describe('Containers that agree on metadata: 5, or 9. It counts when the cluster is formed.'),
  startIoConditions: z
    .strictObject({ minNumDrives: z.int().min(0).optional().describe('Drives that must have been added.') })
    .optional()
    .describe('What has to be before the cluster starts IO.'),
  gracefulDestroyDuration: KubeDuration.default('24h').describe(
    'Time between the end of the manifest and that of the data, in which it can be taken back.',
  ),
  overrides: ClusterOverrides.optional().describe('Ways around guards, for emergencies.'),
  csiConfig: ClusterCsiConfig.optional().describe('How the CSI driver reaches the cluster.'),
  globalPVC: PvcConfig.optional().describe(
    'Claim that keeps the state of containers, in place of the node’s disk.',
  ),
  serviceAccountName: z.string().optional().describe('Service account that pods run as.'),
  roleCoreIds: perRole(CoreIds, (role) => `Cores of ${role} containers.`)
    .optional()
    .describe('Cores by number, by role, for the manual CPU policy.'),
  roleNonDatapathCoreIds: perRole(CoreIds, (role) => `Cores for what is not data in ${role} containers.`)
    .optional()
    .describe('Cores by number for all that is not data, by role.'),
  roleNuma: perRole(Numa, (role) => `Region of ${role} containers.`)
    .optional()
    .describe(
      'NUMA region that the cores and devices of each role come from; read when a container is placed.',
    ),
  numa: Numa.optional().describe('NUMA region that containers keep to.'),
  encryption: EncryptionConfig.optional().describe('Where the key of encrypted filesystems is kept.'),
  nfs: NfsConfig.optional().describe(
    'Interfaces and settings of NFS; without nfsContainers it has no effect.',
  ),
  s3: S3Config.optional().describe('Settings of S3; without s3Containers they have no effect.'),
  smbw: SmbwConfig.optional().describe(
    'Settings of SMB, and the domain it joins; without smbwContainers they have no effect.',
  ),
  telemetry: TelemetryConfig.optional().describe(
    'Where audit logs go; the first export adds a container beside each compute container.',
  ),
  catalog: CatalogConfig.optional().describe(
    'Settings of the data catalog, an index of files; without dataServicesContainers they have no effect.',
  ),
});
export type ClusterSpec = z.infer<typeof ClusterSpec>;
