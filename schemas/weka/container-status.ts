import { z } from 'zod';
import { Condition } from '../kube/condition.ts';
import { DriveMetrics, EntityStatefulNum, FloatMetric, IntMetric, StringMetric } from './metrics.ts';

const Allocations = z.looseObject({
  drives: z.array(z.string()).optional().describe('Serial numbers of its drives.'),
  wekaPort: z.int().optional().describe('First port.'),
  agentPort: z.int().optional().describe('Port of the agent.'),
  failureDomain: z.string().optional().describe('Failure domain.'),
  machineIdentifier: z.string().optional().describe('Machine.'),
  netDevices: z.array(z.string()).optional().describe('Network devices.'),
  virtualDrives: z
    .array(
      z.looseObject({
        virtualUUID: z.string().optional().describe('The virtual drive.'),
        physicalUUID: z.string().optional().describe('The drive it lies on.'),
        capacityGiB: z.int().optional().describe('Its size.'),
        serial: z.string().optional().describe('Serial number of the drive.'),
        type: z.string().optional().describe('Type of the drive.'),
      }),
    )
    .optional()
    .describe('Virtual drives.'),
});

const AddedDrive = z.looseObject({
  uuid: z.string().optional().describe('Id within WEKA.'),
  added_time: z.string().optional().describe('When it was added.'),
  device_path: z.string().optional().describe('Path on the node.'),
  serial_number: z.string().optional().describe('Serial number.'),
  size_bytes: z.int().optional().describe('Its size.'),
  status: z.string().optional().describe('Its state.'),
});

const Stats = z.looseObject({
  processes: EntityStatefulNum.optional().describe('Processes.'),
  cpuUtilization: FloatMetric.optional().describe('Share of its CPU in use.'),
  drives: DriveMetrics.optional().describe('Drives.'),
  activeMounts: IntMetric.optional().describe('Mounts in use.'),
  lastUpdate: z.string().optional().describe('When this was read.'),
});

/** What the operator saw of a container. Newer versions of it say more. */
export const ContainerStatus = z.looseObject({
  status: z.string().optional().describe('State in one word, such as Running.'),
  internalStatus: z.string().optional().describe('State as WEKA says it.'),
  managementIP: z.string().optional().describe('First management address.'),
  managementIPs: z.array(z.string()).optional().describe('Management addresses.'),
  containerID: z.int().optional().describe('Number within WEKA.'),
  clusterID: z.string().optional().describe('Cluster it belongs to.'),
  conditions: z.array(Condition).optional().describe('Steps that were taken.'),
  lastAppliedImage: z.string().optional().describe('Image that runs.'),
  lastAppliedSpec: z.string().optional().describe('Hash of the spec that runs.'),
  nodeAffinity: z.string().optional().describe('Node it runs on.'),
  result: z.string().optional().describe('Result of an operation, as JSON.'),
  allocations: Allocations.optional().describe('What placement gave it.'),
  addedDrives: z.array(AddedDrive).optional().describe('Drives that WEKA has.'),
  stats: Stats.optional().describe('Figures.'),
  printer: z
    .looseObject({
      processes: StringMetric.optional().describe('Column of processes.'),
      drives: StringMetric.optional().describe('Column of drives.'),
      activeMounts: StringMetric.optional().describe('Column of mounts.'),
      managementIPs: z.string().optional().describe('Column of addresses.'),
      nodeAffinity: z.string().optional().describe('Column of the node.'),
    })
    .optional()
    .describe('What tables print.'),
  timestamps: z.record(z.string(), z.string()).optional().describe('When steps were taken.'),
  notToleratedOnReschedule: z.boolean().optional().describe('Whether its node no longer takes it.'),
  podOutdated: z.boolean().optional().describe('Whether its pod was made from an older spec.'),
});
