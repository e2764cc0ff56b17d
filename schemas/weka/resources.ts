import { z } from 'zod';
import { Port } from '../kube/container.ts';
import { Quantity } from '../kube/quantity.ts';

/** How cores are given to a container. */
export const CpuPolicy = z.enum(['auto', 'shared', 'dedicated', 'dedicated_ht', 'manual']);

/** Cores of a node by their numbers. */
export const CoreIds = z.array(z.int().min(0));

const PodResources = z.strictObject({
  cpu: Quantity.optional().describe('CPU cores.'),
  memory: Quantity.optional().describe('Memory.'),
  'hugepages-2Mi': Quantity.optional().describe('Memory in 2 MiB pages.'),
});

/** CPU and memory of a pod of WEKA. */
export const PodResourcesSpec = z.strictObject({
  requests: PodResources.optional().describe('What the scheduler sets aside.'),
  limits: PodResources.optional().describe('What the pod may use at most.'),
});

/** How much the trace dumper keeps. */
export const TracesConfiguration = z.strictObject({
  maxCapacityPerIoNode: z
    .int()
    .min(0)
    .default(10)
    .describe('GB of traces that are kept for each core for data.'),
  ensureFreeSpace: z.int().min(0).default(20).describe('GB of the disk that traces leave free.'),
  dumperConfigMode: z
    .enum(['auto', 'override', 'partial-override', 'cluster'])
    .default('auto')
    .describe('Whether these settings or the cluster’s own hold for the dumper.'),
});

/** Shares of drive types in a capacity. */
export const DriveTypesRatio = z.strictObject({
  tlc: z.int().min(0).default(0).describe('Share on TLC drives; there is no cluster without any.'),
  qlc: z.int().min(0).default(0).describe('Share on QLC drives.'),
});

/** A claim that keeps state instead of the node’s disk. */
export const PvcConfig = z.strictObject({
  name: z.string().min(1).describe('Name of the PersistentVolumeClaim in the same namespace.'),
  path: z.string().optional().describe('Folder within it.'),
});

/** How hosts are told apart for the protection of data. */
export const FailureDomain = z.strictObject({
  label: z.string().optional().describe('Node label; nodes with one value fail together.'),
  skew: z.int().optional().describe('Containers by which two domains may differ; 1 where unset.'),
  compositeLabels: z
    .array(z.string())
    .optional()
    .describe('Labels whose values name the domain together; label and skew then do not count.'),
});

/** Ports that free ones are looked for in. */
export const PortRange = z.strictObject({
  basePort: Port.default(45_000).describe('First port of the range.'),
  portRange: Port.default(0).describe('Ports in the range; 0: all up to 65535.'),
});

/** Region of memory and cores that a container keeps to. */
export const Numa = z.strictObject({
  single: z.boolean().optional().describe('Whether it keeps to one region; needs region as well.'),
  region: z.int().min(0).optional().describe('Number of the region.'),
  method: z
    .enum(['device-plugin', 'dra'])
    .optional()
    .describe('Whether a device plugin or dynamic resource allocation sees to it.'),
});

/** Memory that DPDK keeps for each core. */
export const DpdkBaseMemory = z.int().min(0);

/** How the pods of a change follow each other. */
export const UpgradePolicyType = z.enum(['rolling', 'manual', 'all-at-once', 'all-at-once-force']);

/** An image of WEKA: the tag begins with its version. */
export const VersionedImage = z
  .string()
  .min(1)
  .regex(/^.+:\d+\.\d+\.\d+.*$/, 'must end with a version, such as quay.io/weka.io/weka-in-container:4.4.10');
