import { z } from 'zod';
import { Condition } from '../kube/condition.ts';
import { ClusterPorts } from './cluster-ports.ts';
import { DriveMetrics, EntityStatefulNum, FloatMetric, IntMetric, StringMetric } from './metrics.ts';

const Role = z.looseObject({
  numContainers: EntityStatefulNum.optional().describe('Containers.'),
  processes: EntityStatefulNum.optional().describe('Processes.'),
  cpuUtilization: FloatMetric.optional().describe('Share of their CPU in use.'),
});

const Stats = z.looseObject({
  containers: z
    .looseObject({
      drive: Role.optional().describe('Drive containers.'),
      compute: Role.optional().describe('Compute containers.'),
      s3: Role.optional().describe('S3 containers.'),
      nfs: Role.optional().describe('NFS containers.'),
    })
    .optional()
    .describe('Containers.'),
  ioStats: z
    .looseObject({
      throughput: z
        .looseObject({
          read: IntMetric.optional().describe('Bytes read in a second.'),
          write: IntMetric.optional().describe('Bytes written in a second.'),
        })
        .optional()
        .describe('Throughput.'),
      iops: z
        .looseObject({
          read: IntMetric.optional().describe('Reads in a second.'),
          write: IntMetric.optional().describe('Writes in a second.'),
          metadata: IntMetric.optional().describe('Operations on metadata in a second.'),
          total: IntMetric.optional().describe('All of them.'),
        })
        .optional()
        .describe('Operations.'),
    })
    .optional()
    .describe('How much is asked of it.'),
  drives: DriveMetrics.optional().describe('Drives.'),
  alertsCount: IntMetric.optional().describe('Alerts.'),
  clusterStatus: StringMetric.optional().describe('State as WEKA says it.'),
  capacity: z
    .looseObject({
      totalBytes: IntMetric.optional().describe('All of it.'),
      unprovisionedBytes: IntMetric.optional().describe('In no filesystem yet.'),
      unavailableBytes: IntMetric.optional().describe('Lost for now.'),
      hotSpareBytes: IntMetric.optional().describe('Set aside for failures.'),
    })
    .optional()
    .describe('Capacity.'),
  numFailures: z.record(z.string(), FloatMetric).optional().describe('Failures by what failed.'),
  lastUpdate: z.string().optional().describe('When this was read.'),
  filesystem: z
    .looseObject({
      totalProvisionedCapacity: IntMetric.optional().describe('Bytes of all filesystems.'),
      totalUsedCapacity: IntMetric.optional().describe('Bytes in use.'),
      totalAvailableCapacity: IntMetric.optional().describe('Bytes left.'),
      totalProvisionedSSDCapacity: IntMetric.optional().describe('Bytes of all filesystems on drives.'),
      totalUsedSSDCapacity: IntMetric.optional().describe('Bytes in use on drives.'),
      totalAvailableSSDCapacity: IntMetric.optional().describe('Bytes left on drives.'),
      hasTieredFilesystems: z.boolean().optional().describe('Whether any has an object store behind it.'),
      totalObsCapacity: IntMetric.optional().describe('Bytes in object stores.'),
      obsBucketCount: IntMetric.optional().describe('Buckets.'),
      activeObsBucketCount: IntMetric.optional().describe('Buckets in use.'),
    })
    .optional()
    .describe('Filesystems.'),
});

/** What the operator saw of a cluster. Newer versions of it say more. */
export const ClusterStatus = z.looseObject({
  status: z.string().optional().describe('State in one word, such as Ready.'),
  conditions: z.array(Condition).optional().describe('Steps that were taken.'),
  clusterID: z.string().optional().describe('Id within WEKA.'),
  traceId: z.string().optional().describe('Trace of its making.'),
  spanId: z.string().optional().describe('Span of its making.'),
  lastAppliedImage: z.string().optional().describe('Image that runs.'),
  lastAppliedSpec: z.string().optional().describe('Hash of the spec that runs.'),
  ports: z.looseObject(ClusterPorts.shape).optional().describe('Ports that it has.'),
  stats: Stats.optional().describe('Figures.'),
  printer: z
    .looseObject({
      computeContainers: StringMetric.optional().describe('Column of compute containers.'),
      driveContainers: StringMetric.optional().describe('Column of drive containers.'),
      drives: StringMetric.optional().describe('Column of drives.'),
      throughput: StringMetric.optional().describe('Column of throughput.'),
      iops: StringMetric.optional().describe('Column of operations.'),
      filesystemCapacity: StringMetric.optional().describe('Column of capacity.'),
    })
    .optional()
    .describe('What tables print.'),
  timestamps: z.record(z.string(), z.string()).optional().describe('When steps were taken.'),
});
