import * as z from 'zod';
import { list } from './list.ts';
import { observed, text } from './observed.ts';

const count = z.int().min(0);

/** CPUs in the form of the kernel, e.g. `0-3,8`. */
export const CpuList = text(4096).regex(/^(\d+(-\d+)?(,\d+(-\d+)?)*)?$/, 'is no list of CPUs');

export const Cpus = z.object({
  threads: z.int().min(1).describe('CPUs that are online, as the scheduler counts them.'),
  cores: observed(z.int().min(1)).describe('Physical cores that are online.'),
  sockets: observed(z.int().min(1)).describe('Processors.'),
  vendor: observed(text(128)).describe('Maker of the processor, e.g. `GenuineIntel`.'),
  model: observed(text(256)).describe('Model of the processor.'),
  features: list(text(32), 64).describe(
    'Of the instruction sets that matter to WEKA, those it has; AVX2 is needed.',
  ),
});
export type Cpus = z.infer<typeof Cpus>;

export const NumaNode = z.object({
  id: count.describe('Number of the NUMA node.'),
  cpus: observed(CpuList).describe('Its CPUs that are online.'),
  memoryMiB: observed(count).describe('Its memory.'),
});
export type NumaNode = z.infer<typeof NumaNode>;

export const HugePages = z.object({
  sizeKiB: z.int().min(1).describe('Size of one page.'),
  numaNode: count.optional().describe('NUMA node that has them; absent where the kernel knows none.'),
  total: observed(count).describe('Pages that are set aside.'),
  free: observed(count).describe(
    'Pages that nobody holds. Exact where all or none are free, else rounded down to steps of 64 MiB.',
  ),
});
export type HugePages = z.infer<typeof HugePages>;

export const CpuManager = z.object({
  policy: text(32).describe('`static` gives pods CPUs of their own, `none` does not.'),
  sharedCpus: CpuList.describe(
    'CPUs that pods without CPUs of their own share; empty where the policy is `none`.',
  ),
});
export type CpuManager = z.infer<typeof CpuManager>;

/** What there is to compute with. */
export const computeFields = {
  cpus: observed(Cpus).describe('The processors.'),
  hyperThreading: observed(z.enum(['on', 'off', 'unsupported'])).describe('Whether a core runs two threads.'),
  numaNodes: observed(list(NumaNode, 1024)).describe(
    'NUMA nodes, by number; none where the kernel knows none.',
  ),
  memoryMiB: observed(count).describe(
    'All memory that the kernel has. What is free moves by itself and is not told.',
  ),
  hugePages: observed(list(HugePages, 4096)).describe('Huge pages, by size and NUMA node.'),
  iommu: observed(z.enum(['on', 'off'])).describe('Whether devices are confined by an IOMMU.'),
  cpuManager: observed(CpuManager).describe(
    "The CPU manager of the node's kubelet, by the state that it keeps.",
  ),
};
