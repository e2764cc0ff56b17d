import { z } from 'zod';

const count = z.int().min(0);

/** Huge pages of one size, of all NUMA nodes together. */
export const HugePagesOutput = z.strictObject({
  sizeKiB: z.int().min(1),
  total: count.optional(),
  free: count.optional(),
});
export type HugePagesOutput = z.infer<typeof HugePagesOutput>;

/** A node by the report of its agent. What is absent is not known; `weka-gitops explain node/NAME` says why. */
export const NodeOutput = z.strictObject({
  name: z.string(),
  state: z
    .enum(['told', 'unknown'])
    .describe('`unknown`: its report does not count, and what else is said is of the last one.'),
  why: z.string().optional().describe('Why it is unknown.'),
  agent: z.string().optional().describe('Version of the agent that wrote the report.'),
  intentRefused: z
    .string()
    .optional()
    .describe('Why its agent does not go by what the reconciler asks of it.'),
  kernel: z.string().optional().describe('Release of the kernel that runs.'),
  headers: z.enum(['yes', 'no']).optional().describe('Whether the headers of that kernel are installed.'),
  os: z.string().optional(),
  cpus: count.optional().describe('CPUs that are online, as the scheduler counts them.'),
  hyperThreading: z.enum(['on', 'off', 'unsupported']).optional(),
  hugePages: z.array(HugePagesOutput).optional().describe('By size.'),
  wekaModules: z
    .array(z.string())
    .optional()
    .describe('Kernel modules of WEKA that are loaded, with their versions.'),
  wekaMounts: count.optional().describe('Mounts of WEKA that are in use.'),
  freeGiB: count.optional().describe('What may still be written where WEKA keeps its files.'),
});
export type NodeOutput = z.infer<typeof NodeOutput>;

/** The nodes of the cluster, as their agents tell of them. */
export const NodesOutput = z.strictObject({
  total: count,
  unread: z
    .string()
    .optional()
    .describe(
      'Why they could not be read; what else is told of them is what was known last, if anything was.',
    ),
  told: count.describe('Nodes whose report counts.'),
  unknown: count.describe('Nodes of which no report counts.'),
  nodes: z
    .array(NodeOutput)
    .describe('All of them up to a hundred nodes; of more, at most a hundred that have something to say.'),
});
export type NodesOutput = z.infer<typeof NodesOutput>;
