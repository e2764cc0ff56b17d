import { z } from 'zod';
import {
  Affinity,
  ContainerPort,
  CpuPolicy,
  DriveTypesRatio,
  EnvVarSource,
  FailureDomain,
  KubeDuration,
  NamespacedMetadata,
  Network,
  PodResourcesSpec,
  Port,
  PvcConfig,
  Toleration,
  TopologySpreadConstraint,
  TracesConfiguration,
  UpgradePolicyType,
} from './common.ts';

const Loose = z.looseObject({});

const Overrides = z.strictObject({
  skipDeactivate: z.boolean().optional().describe('Removes it without deactivating it in WEKA first.'),
  skipDrivesForceResign: z.boolean().optional().describe('Leaves the signatures of removed drives alone.'),
  skipVirtualDrivesRemoval: z.boolean().optional().describe('Leaves its virtual drives in the proxy.'),
  skipCleanupPersistentDir: z.boolean().optional().describe('Leaves its folder on the node.'),
  upgradeForceReplace: z.boolean().optional().describe('Replaces its pod at once in an upgrade.'),
  upgradePreventEviction: z.boolean().optional().describe('Keeps its pod from being evicted in an upgrade.'),
  podDeleteForceReplace: z.boolean().optional().describe('Replaces its pod when it was deleted.'),
  machineIdentifierNodeRef: z
    .string()
    .optional()
    .describe('Field or annotation of the node that names the machine.'),
  preRunScript: z.string().optional().describe('Shell script that runs before the container’s own program.'),
  forceDrain: z.boolean().optional().describe('Drains a client although its mounts are in use.'),
  skipActiveMountsCheck: z.boolean().optional().describe('Does not ask whether mounts are in use.'),
  umountOnHost: z.boolean().optional().describe('Unmounts on the node before it stops.'),
  debugSleepOnTerminate: z
    .int()
    .min(0)
    .optional()
    .describe('Seconds it stays after the end, for a look inside.'),
  migrateOutFromPvc: z.boolean().optional().describe('Moves its state from the claim to the node’s disk.'),
});

const Spec = z.strictObject({
  nodeAffinity: z.string().optional().describe('Node it is pinned to; a change moves it.'),
  failureDomain: FailureDomain.optional().describe('Failure domain it belongs to.'),
  topologySpreadConstraints: z.array(TopologySpreadConstraint).optional().describe('How its pods spread.'),
  affinity: Affinity.optional().describe('Affinity of its pod, besides the node it is pinned to.'),
  nodeSelector: z.record(z.string(), z.string()).optional().describe('Labels that its node must have.'),
  port: Port.optional().describe('First port it listens on; 0 or unset: chosen for it.'),
  exposePorts: z.array(Port).optional().describe('Ports to expose; deprecated, use exposedPorts.'),
  exposedPorts: z.array(ContainerPort).optional().describe('Ports that its pod names.'),
  agentPort: Port.optional().describe('Port of the agent in it; 0 or unset: chosen for it.'),
  portRange: z
    .strictObject({
      basePort: Port.describe('First port of the range.'),
      portRange: Port.optional().describe('Ports in the range; 0: up to 65535.'),
    })
    .optional()
    .describe('Range its ports are chosen from.'),
  image: z.string().min(1).describe('Image it runs; a change replaces its pod.'),
  imagePullSecret: z.string().optional().describe('Secret in its namespace to pull the image with.'),
  name: z.string().optional().describe('Name within WEKA, which is not the name of the object.'),
  mode: z
    .enum([
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
    ])
    .describe('What it is.'),
  numCores: z.int().min(0).optional().describe('Cores for WEKA’s data path.'),
  extraCores: z.int().min(0).optional().describe('Cores beside the data path.'),
  coreIds: z.array(z.int().min(0)).optional().describe('Cores by number, for the manual CPU policy.'),
  nonDatapathCoreIds: z
    .array(z.int().min(0))
    .optional()
    .describe('Cores by number for all but the data path.'),
  cpuPolicy: CpuPolicy.optional().describe('How cores are given to it; auto where unset.'),
  network: Network.optional().describe('Network devices it uses.'),
  hugepages: z.int().min(0).optional().describe('MiB of huge pages.'),
  hugepagesOffset: z.int().optional().describe('MiB of huge pages that WEKA does not use.'),
  hugepagesSize: z.enum(['2Mi', '1Gi']).optional().describe('Size of one huge page.'),
  hugepagesSizeOverride: z.string().optional().describe('Size of one huge page as WEKA is told.'),
  numDrives: z.int().min(0).optional().describe('Drives it uses.'),
  driversDistService: z.string().optional().describe('Address that driver packages come from.'),
  driversLoaderImage: z.string().optional().describe('Image that loads drivers, where it is another one.'),
  driversBuildId: z.string().optional().describe('Build of the drivers, where it is not the kernel’s name.'),
  builder: z
    .strictObject({ weka_version: z.string().optional().describe('Version of WEKA to build drivers for.') })
    .optional()
    .describe('Settings of a builder of drivers.'),
  wekaSecretRef: EnvVarSource.optional().describe('Where its credentials come from.'),
  joinIpPorts: z.array(z.string()).optional().describe('Addresses of the cluster it joins.'),
  tracesConfiguration: TracesConfiguration.optional().describe('How much of its traces is kept.'),
  tolerations: z.array(Toleration).optional().describe('Taints its pod puts up with.'),
  nodeInfoConfigMap: z.string().optional().describe('ConfigMap with facts on its node.'),
  ipv6: z.boolean().optional().describe('Whether it speaks IPv6.'),
  additionalMemory: z.int().optional().describe('MiB on top of the computed memory.'),
  group: z.string().optional().describe('Group it is counted in.'),
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
  upgradePolicyType: UpgradePolicyType.optional().describe('How its pod is replaced; manual where unset.'),
  state: z
    .enum(['active', 'paused', 'destroying', 'deleting'])
    .optional()
    .describe('State that is wished for.'),
  allowHotUpgrade: z.boolean().optional().describe('Whether a client is upgraded with its mounts in use.'),
  driveCapacity: z.int().min(0).optional().describe('GiB of each virtual drive.'),
  containerCapacity: z.int().min(0).optional().describe('GiB of all its virtual drives.'),
  driveTypesRatio: DriveTypesRatio.optional().describe('How its capacity is shared among drive types.'),
  autoRemoveTimeout: KubeDuration.optional().describe('Time after which WEKA forgets a lost client.'),
  overrides: Overrides.optional().describe('Ways around guards, for emergencies.'),
  hostPID: z.boolean().optional().describe('Whether its pod sees the node’s processes.'),
  resources: PodResourcesSpec.optional().describe(
    'CPU and memory of its pod, in place of the computed ones.',
  ),
  pvc: PvcConfig.optional().describe('Claim that keeps its state.'),
  dpdkBaseMemoryMb: z.int().min(0).optional().describe('MiB of memory that DPDK has at least.'),
  dataServicesConfig: Loose.optional().describe('Settings of data services.'),
  numa: Loose.optional().describe('NUMA regions it uses.'),
  rotatePod: z.boolean().optional().describe('Whether its pod is to be replaced once.'),
  extraVolumes: z.array(Loose).optional().describe('Volumes of its pod besides its own.'),
  extraVolumeMounts: z.array(Loose).optional().describe('Where those volumes are mounted.'),
});

const IntMetric = z.unknown();
const Counters = z.strictObject({
  active: IntMetric.optional().describe('At work.'),
  created: IntMetric.optional().describe('Made.'),
  desired: IntMetric.optional().describe('Wished for.'),
});

const Status = z.strictObject({
  status: z.string().optional().describe('State in one word.'),
  internalStatus: z.string().optional().describe('State as WEKA says it.'),
  managementIP: z.string().optional().describe('First management address.'),
  managementIPs: z.array(z.string()).optional().describe('Management addresses.'),
  containerID: z.int().optional().describe('Number within WEKA.'),
  clusterID: z.string().optional().describe('Cluster it belongs to.'),
  conditions: z.array(Loose).optional().describe('Steps that were taken.'),
  lastAppliedImage: z.string().optional().describe('Image that runs.'),
  lastAppliedSpec: z.string().optional().describe('Hash of the spec that runs.'),
  nodeAffinity: z.string().optional().describe('Node it runs on.'),
  result: z.string().optional().describe('Result of an operation, as JSON.'),
  allocations: z
    .strictObject({
      drives: z.array(z.string()).optional().describe('Serial numbers of its drives.'),
      wekaPort: z.int().optional().describe('First port.'),
      agentPort: z.int().optional().describe('Port of the agent.'),
      failureDomain: z.string().optional().describe('Failure domain.'),
      machineIdentifier: z.string().optional().describe('Machine.'),
      netDevices: z.array(z.string()).optional().describe('Network devices.'),
      virtualDrives: z
        .array(
          z.strictObject({
            virtualUUID: z.string().optional().describe('The virtual drive.'),
            physicalUUID: z.string().optional().describe('The drive it lies on.'),
            capacityGiB: z.int().optional().describe('Size.'),
            serial: z.string().optional().describe('Serial number of the drive.'),
            type: z.string().optional().describe('Type of the drive.'),
          }),
        )
        .optional()
        .describe('Virtual drives.'),
    })
    .optional()
    .describe('What placement gave it.'),
  addedDrives: z
    .array(
      z.looseObject({
        uuid: z.string().optional().describe('Id within WEKA.'),
        added_time: z.string().optional().describe('When it was added.'),
        device_path: z.string().optional().describe('Path on the node.'),
        serial_number: z.string().optional().describe('Serial number.'),
        status: z.string().optional().describe('State.'),
      }),
    )
    .optional()
    .describe('Drives that WEKA has.'),
  stats: z
    .strictObject({
      processes: Counters.optional().describe('Processes.'),
      cpuUtilization: z.unknown().optional().describe('Share of CPU in use.'),
      drives: z
        .strictObject({
          counters: Counters.optional().describe('Drives.'),
          failures: z
            .array(
              z.strictObject({
                serialId: z.string().optional().describe('Serial number.'),
                wekaDriveId: z.string().optional().describe('Id within WEKA.'),
              }),
            )
            .optional()
            .describe('Drives that failed.'),
        })
        .optional()
        .describe('Drives.'),
      activeMounts: IntMetric.optional().describe('Mounts in use.'),
      lastUpdate: z.string().optional().describe('When this was read.'),
    })
    .optional()
    .describe('Figures.'),
  printer: z
    .strictObject({
      processes: z.string().optional().describe('Column of processes.'),
      drives: z.string().optional().describe('Column of drives.'),
      activeMounts: z.string().optional().describe('Column of mounts.'),
      managementIPs: z.string().optional().describe('Column of addresses.'),
      nodeAffinity: z.string().optional().describe('Column of the node.'),
    })
    .optional()
    .describe('What tables print.'),
  timestamps: z.record(z.string(), z.string()).optional().describe('When steps were taken.'),
  notToleratedOnReschedule: z.boolean().optional().describe('Whether its node no longer takes it.'),
});

/** One container of WEKA: a pod with what belongs to it. */
export const WekaContainer = z.strictObject({
  apiVersion: z.literal('weka.weka.io/v1alpha1'),
  kind: z.literal('WekaContainer'),
  metadata: NamespacedMetadata,
  spec: Spec.describe('What it shall be.'),
  status: Status.optional().describe('What the operator saw; never an input.'),
});
export type WekaContainer = z.infer<typeof WekaContainer>;

/** Modes whose pods this version makes. */
export const WEKA_CONTAINER_MODES = ['dist', 'drivers-dist', 'drivers-builder'] as const;

/** A container in one of those modes. */
export type DriverContainer = WekaContainer & {
  readonly spec: { readonly mode: (typeof WEKA_CONTAINER_MODES)[number] };
};

/** The one place that says which fields this version acts on; every other one that a manifest sets is told as ignored. */
export const WEKA_CONTAINER_ACTED_ON: ReadonlySet<string> = new Set([
  'spec.additionalSecrets',
  'spec.affinity',
  'spec.agentPort',
  'spec.builder',
  'spec.driversBuildId',
  'spec.driversDistService',
  'spec.exposedPorts',
  'spec.image',
  'spec.imagePullSecret',
  'spec.mode',
  'spec.name',
  'spec.nodeAffinity',
  'spec.nodeSelector',
  'spec.overrides.preRunScript',
  'spec.port',
  'spec.pvc',
  'spec.resources',
  'spec.serviceAccountName',
  'spec.tolerations',
  'spec.topologySpreadConstraints',
  'spec.uploadResultsTo',
]);
