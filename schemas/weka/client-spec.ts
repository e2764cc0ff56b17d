import { z } from 'zod';
import { Port } from '../kube/container.ts';
import { KubeDuration } from '../kube/duration.ts';
import { Toleration } from '../kube/scheduling.ts';
import { OptionalQuantityText } from '../kube/quantity.ts';
import { NodeLabels } from '../kube/selectors.ts';
import { Volume, VolumeMount } from '../kube/volumes.ts';
import { ClientCsiConfig } from './csi.ts';
import { Network } from './network.ts';
import { ObjectReference } from './object-reference.ts';
import {
  CoreIds,
  CpuPolicy,
  DpdkBaseMemory,
  Numa,
  PodResourcesSpec,
  PortRange,
  PvcConfig,
  TracesConfiguration,
  UpgradePolicyType,
  VersionedImage,
} from './resources.ts';

const WekaHome = z.strictObject({
  cacertSecret: z
    .string()
    .optional()
    .describe('Secret with the CA of the address that the cluster reports to.'),
});

const Overrides = z.strictObject({
  driversBuildId: z
    .string()
    .optional()
    .describe('Build of the drivers, where it is not the one found by itself.'),
  driversLoaderImage: z.string().optional().describe('Image that loads drivers, where it is another one.'),
  machineIdentifierNodeRef: z
    .string()
    .optional()
    .describe('Path of the node’s field that tells machines apart, in place of the node itself.'),
  forceDrain: z
    .boolean()
    .optional()
    .describe('Drains the driver although mounts are in use: writes that are under way are lost.'),
  skipActiveMountsCheck: z
    .boolean()
    .optional()
    .describe('Removes clients without asking whether mounts are in use.'),
  umountOnHost: z
    .boolean()
    .optional()
    .describe('Unmounts every WEKA filesystem of the node before a client goes.'),
  dropAffinityConstraints: z.boolean().optional().describe('Lets several clients share a node. For tests.'),
  wekaContainerName: z
    .string()
    .optional()
    .describe('Name of the container within WEKA, in place of the computed one.'),
  dpdkBaseMemoryMb: DpdkBaseMemory.optional().describe('MiB that DPDK keeps for each core; 64 where unset.'),
  waitSinceIoProcessesUpTimeout: KubeDuration.optional().describe(
    'Time that an upgraded client must have been up before the next one follows.',
  ),
  noReserveSpace: z.boolean().optional().describe('Sets no space of the node’s disk aside for clients.'),
});

/** What clients of WEKA shall be. */
export const ClientSpec = z.strictObject({
  image: VersionedImage.describe(
    'Image of every client, with its version; a change upgrades them as upgradePolicy says.',
  ),
  imagePullSecret: z.string().optional().describe('Secret in the same namespace to pull the image with.'),
  port: Port.default(0).describe('First of 100 ports on each node; 0: free ones are found in portRange.'),
  agentPort: Port.default(0).describe('Port of the agent on each node; 0: a free one is found in portRange.'),
  portRange: PortRange.optional().describe('Ports that free ones are looked for in.'),
  nodeSelector: NodeLabels.optional().describe(
    'Labels of the nodes that get a client; every node where unset. A node that no longer matches keeps its client.',
  ),
  wekaSecretRef: z
    .string()
    .optional()
    .describe('Secret with the credentials to join with; weka-client-CLUSTER where unset.'),
  network: Network.optional().describe(
    'Network devices that carry data; a change restarts clients, and mounts wait meanwhile.',
  ),
  driversDistService: z
    .string()
    .optional()
    .describe('Address that driver packages come from; the target cluster’s where unset.'),
  joinIpPorts: z
    .array(z.string())
    .optional()
    .describe(
      'Addresses of a cluster outside this Kubernetes, as HOST:PORT. Not together with targetCluster.',
    ),
  targetCluster: ObjectReference.optional().describe('The WekaCluster that the clients join.'),
  cpuPolicy: CpuPolicy.default('auto').describe(
    'How cores are given to clients; auto: whole cores, with their siblings where a node has hyper-threading.',
  ),
  cpuRequest: OptionalQuantityText.optional().describe(
    'CPU that the scheduler sets aside, for the shared CPU policy.',
  ),
  coresNum: z.int().min(0).default(1).describe('Cores for data on each node; a change restarts clients.'),
  extraCores: z.int().min(0).default(0).describe('Cores on each node beside those for data.'),
  coreIds: CoreIds.optional().describe('Cores by number, for the manual CPU policy.'),
  nonDatapathCoreIds: CoreIds.optional().describe('Cores by number for all that is not data.'),
  tracesConfiguration: TracesConfiguration.prefault({}).describe(
    'How much of the traces is kept; a lower number makes older ones go.',
  ),
  tolerations: z
    .array(z.string())
    .optional()
    .describe('Keys of taints that pods put up with, whatever their value, for NoSchedule and NoExecute.'),
  rawTolerations: z.array(Toleration).optional().describe('Taints that pods put up with, in full.'),
  serviceAccountName: z.string().optional().describe('Service account that pods run as.'),
  additionalMemory: z.int().default(0).describe('MiB on top of the computed memory, or below it.'),
  resources: PodResourcesSpec.optional().describe(
    'CPU and memory of each pod, in place of the computed ones.',
  ),
  hugepages: z
    .int()
    .min(0)
    .optional()
    .describe('MiB of huge pages of each client; 1500 for each core where unset or 0.'),
  hugepagesOffset: z.int().default(200).describe('MiB of them that WEKA leaves alone.'),
  wekaHomeConfig: WekaHome.optional().meta({
    description: 'The old name of wekaHome; it has no effect.',
    deprecated: true,
    replacedBy: 'wekaHome',
  }),
  wekaHome: WekaHome.optional().describe('How clients reach the address that the cluster reports to.'),
  upgradePolicy: z
    .strictObject({
      type: UpgradePolicyType.default('rolling').describe(
        'One after another, by hand, all together, or all together although mounts are in use.',
      ),
    })
    .prefault({})
    .describe('How clients follow a change of the image.'),
  allowHotUpgrade: z
    .boolean()
    .default(false)
    .describe('Whether a client is upgraded with its mounts in use.'),
  overrides: Overrides.optional().describe('Ways around guards, for emergencies.'),
  autoRemoveTimeout: KubeDuration.default('24h').describe(
    'Time after which the cluster forgets a client that is gone.',
  ),
  globalPVC: PvcConfig.optional().describe(
    'Claim that keeps the state of clients, in place of the node’s disk.',
  ),
  csiConfig: ClientCsiConfig.optional().describe('The CSI driver that the clients bring along.'),
  numa: Numa.optional().describe('NUMA region that clients keep to.'),
  extraVolumes: z.array(Volume).optional().describe('Volumes of the pods besides their own.'),
  extraVolumeMounts: z.array(VolumeMount).optional().describe('Where those volumes appear.'),
});
export type ClientSpec = z.infer<typeof ClientSpec>;
