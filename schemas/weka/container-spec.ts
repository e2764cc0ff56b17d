import { z } from 'zod';
import { ContainerPort, EnvVarSource, Port } from '../kube/container.ts';
import { KubeDuration } from '../kube/duration.ts';
import { Affinity, Toleration, TopologySpreadConstraint } from '../kube/scheduling.ts';
import { NodeLabels } from '../kube/selectors.ts';
import { Volume, VolumeMount } from '../kube/volumes.ts';
import { ContainerOverrides } from './container-overrides.ts';
import { Network } from './network.ts';
import {
  CoreIds,
  CpuPolicy,
  DpdkBaseMemory,
  DriveTypesRatio,
  FailureDomain,
  Numa,
  PodResourcesSpec,
  PortRange,
  PvcConfig,
  TracesConfiguration,
  UpgradePolicyType,
} from './resources.ts';

/** What a container of WEKA can be. */
const ContainerMode = z.enum([
  'drive',
  'compute',
  'client',
  'dist',
  'drivers-dist',
  'drivers-loader',
  'drivers-builder',
  'discovery',
  's3',
  'adhoc-op-with-container',
  'adhoc-op',
  'envoy',
  'nfs',
  'smbw',
  'telemetry',
  'ssdproxy',
  'data-services',
  'data-services-fe',
]);

const Count = z.int().min(0);

/** What a container of WEKA shall be. */
export const ContainerSpec = z.strictObject({
  nodeAffinity: z.string().optional().describe('Node it is pinned to; a change moves it.'),
  failureDomain: FailureDomain.optional().describe(
    'Failure domain it belongs to. It counts when it is made.',
  ),
  topologySpreadConstraints: z
    .array(TopologySpreadConstraint)
    .optional()
    .describe('How its pod is spread over places with others; read when the pod is placed.'),
  affinity: Affinity.optional().describe('Affinity of its pod, besides the node it is pinned to.'),
  nodeSelector: NodeLabels.optional().describe('Labels that its node must have.'),
  port: Port.optional().describe('First port it listens on; 0 or unset: chosen for it.'),
  exposePorts: z.array(Port).optional().meta({
    description: 'Ports to expose, by number only; exposedPorts says more.',
    deprecated: true,
    replacedBy: 'exposedPorts',
  }),
  exposedPorts: z.array(ContainerPort).optional().describe('Ports that its pod names.'),
  agentPort: Port.optional().describe('Port of the agent in it; 0 or unset: chosen for it.'),
  portRange: PortRange.optional().describe('Range its ports are chosen from.'),
  image: z.string().min(1).describe('Image it runs; a change replaces its pod.'),
  imagePullSecret: z.string().optional().describe('Secret in its namespace to pull the image with.'),
  name: z.string().optional().describe('Name within WEKA, which is not the name of the object.'),
  mode: ContainerMode.describe(
    'Its role, such as drive, compute, drivers-dist or drivers-builder; another one needs another container.',
  ),
  numCores: Count.optional().describe('Cores for WEKA’s data path; a change restarts it.'),
  extraCores: Count.optional().describe(
    'Cores for work beside the data path, which come on top of numCores.',
  ),
  coreIds: CoreIds.optional().describe('Cores by number, for the manual CPU policy.'),
  nonDatapathCoreIds: CoreIds.optional().describe('Cores by number for all but the data path.'),
  cpuPolicy: CpuPolicy.default('auto').describe(
    'How cores are given to it: whole ones, those of coreIds (manual), or none of its own (shared).',
  ),
  network: Network.optional().describe('Network devices it uses; a change makes its pod anew.'),
  hugepages: Count.optional().describe(
    'MiB of huge pages that its pod asks for; without room for them on a node it waits.',
  ),
  hugepagesOffset: z.int().optional().describe('MiB of huge pages that WEKA does not use.'),
  hugepagesSize: z.enum(['2Mi', '1Gi']).optional().describe('Size of one huge page; 2Mi where unset.'),
  hugepagesSizeOverride: z.string().optional().describe('Size of one huge page as WEKA is told.'),
  numDrives: Count.optional().describe('Drives it uses; more are added, fewer move their data away first.'),
  driversDistService: z.string().optional().describe('Address that driver packages come from.'),
  driversLoaderImage: z.string().optional().describe('Image that loads drivers, where it is another one.'),
  driversBuildId: z.string().optional().describe('Build of the drivers, where it is not the kernel’s name.'),
  builder: z
    .strictObject({ weka_version: z.string().optional().describe('Version of WEKA to build drivers for.') })
    .optional()
    .describe('Settings of a builder of drivers.'),
  wekaSecretRef: EnvVarSource.optional().describe('Where its credentials come from.'),
  joinIpPorts: z.array(z.string()).optional().describe('Addresses of the cluster it joins, as HOST:PORT.'),
  tracesConfiguration: TracesConfiguration.prefault({}).describe('How much of its traces is kept.'),
  tolerations: z.array(Toleration).optional().describe('Taints its pod puts up with.'),
  nodeInfoConfigMap: z.string().optional().describe('ConfigMap with facts on its node.'),
  ipv6: z.boolean().default(false).describe('Whether it speaks IPv6.'),
  additionalMemory: z.int().default(0).describe('MiB on top of the computed memory, or below it.'),
  group: z.string().optional().describe('Group of containers that figures are counted for.'),
  serviceAccountName: z.string().optional().describe('Service account its pod runs as.'),
  additionalSecrets: z
    .record(z.string(), z.string())
    .optional()
    .describe('Secrets to mount, by folder name.'),
  instructions: z
    .strictObject({
      type: z.string().describe('Kind of instruction.'),
      payload: z.string().optional().describe('What it needs to know, as JSON.'),
    })
    .optional()
    .describe('What a container for a single operation does.'),
  dropAffinityConstraints: z.boolean().optional().describe('Whether it may share a node with its like.'),
  uploadResultsTo: z
    .string()
    .optional()
    .describe('Distribution service that a builder gives its packages to.'),
  upgradePolicyType: UpgradePolicyType.default('manual').describe('How its pod is replaced in an upgrade.'),
  state: z
    .enum(['active', 'paused', 'destroying', 'deleting'])
    .default('active')
    .describe(
      'State that is wished for: paused stops it, deleting takes it out of the cluster, destroying does not ask.',
    ),
  allowHotUpgrade: z.boolean().optional().describe('Whether a client is upgraded with its mounts in use.'),
  driveCapacity: Count.optional().describe('GiB of each virtual drive. Not together with driveTypesRatio.'),
  containerCapacity: Count.optional().describe('GiB of all its virtual drives. Not together with numDrives.'),
  driveTypesRatio: DriveTypesRatio.optional().describe('How its capacity is shared among drive types.'),
  autoRemoveTimeout: KubeDuration.optional().describe('Time after which WEKA forgets a lost client.'),
  overrides: ContainerOverrides.optional().describe('Ways around guards, for emergencies.'),
  hostPID: z.boolean().optional().describe('Whether its pod sees the node’s processes.'),
  resources: PodResourcesSpec.optional().describe(
    'CPU and memory of its pod, in place of the computed ones.',
  ),
  pvc: PvcConfig.optional().describe('Claim that keeps its state.'),
  dpdkBaseMemoryMb: DpdkBaseMemory.optional().describe('MiB that DPDK keeps for each core; 64 where unset.'),
  dataServicesConfig: z
    .looseObject({
      dataServicesFeCores: Count.optional().describe('Cores of the front end beside data services.'),
    })
    .optional()
    .describe('Settings of data services.'),
  numa: Numa.optional().describe('NUMA region that it keeps to.'),
  rotatePod: z.boolean().optional().describe('Whether its pod is to be replaced once.'),
  extraVolumes: z.array(Volume).optional().describe('Volumes of its pod besides its own.'),
  extraVolumeMounts: z.array(VolumeMount).optional().describe('Where those volumes are mounted.'),
});
