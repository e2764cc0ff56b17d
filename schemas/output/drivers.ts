import { z } from 'zod';

const count = z.int().min(0);

/** Nodes by name: how many there are, and the first few. */
export const NodeNames = z.strictObject({ total: count, names: z.array(z.string()) });
export type NodeNames = z.infer<typeof NodeNames>;

/** How far a node is with its drivers. */
export const DriverProgress = z
  .enum(['loaded', 'vendor', 'working', 'asked', 'waiting', 'failed', 'refused', 'no-package', 'unknown'])
  .describe(
    '`vendor`: verified, and for the vendor’s command; `asked`: its agent has not answered yet; `waiting`: something else has to end first; `refused`: a person has to decide.',
  );
export type DriverProgress = z.infer<typeof DriverProgress>;

export const DriverState = z
  .enum(['pre-built', 'built', 'building', 'fetching', 'failed', 'missing', 'changed', 'coming'])
  .describe(
    '`missing`: nothing makes it; `changed`: another digest than the pinned one was offered; `coming`: for a kernel that nodes have headers of, and do not run yet.',
  );
export type DriverState = z.infer<typeof DriverState>;

/** One build of drivers: a cell of the matrix of versions and kernels. */
export const DriverCellOutput = z.strictObject({
  version: z.string().describe('Version of WEKA.'),
  kernel: z.string().describe('Release of the kernel.'),
  architecture: z.string(),
  buildId: z.string().optional().describe('What tells builds of one kernel apart.'),
  service: z
    .string()
    .optional()
    .describe(
      'Where it is served: `namespace/name` of a Service, or an address; absent where no manifest says so.',
    ),
  state: DriverState,
  nodes: NodeNames.describe('Those that need it.'),
  loaded: count.describe('How many of them have it loaded.'),
  code: z.string().optional().describe('Stable name of what is in the way.'),
  why: z.string().optional().describe('What is in the way, in one sentence.'),
  hint: z.string().optional(),
  package: z
    .strictObject({ file: z.string(), sha256: z.string(), bytes: z.int() })
    .optional()
    .describe('The pinned package.'),
  lastLines: z.array(z.string()).optional().describe('Last lines of a failed build.'),
});
export type DriverCellOutput = z.infer<typeof DriverCellOutput>;

/** Nodes that are held up in the same way. */
export const DriverHoldUp = z.strictObject({
  state: DriverProgress,
  nodes: NodeNames,
  version: z.string().optional(),
  kernel: z.string().optional(),
  code: z.string().optional().describe('Stable name of what holds them up.'),
  why: z.string().describe('As the first of them says it, in one sentence.'),
  hint: z.string().optional(),
  users: z
    .array(z.string())
    .optional()
    .describe('What uses modules that would have to go, on the first of them.'),
  lastLines: z
    .array(z.string())
    .optional()
    .describe('Last lines of the vendor’s command, on the first of them.'),
});
export type DriverHoldUp = z.infer<typeof DriverHoldUp>;

/** Nodes that manifests ask for different drivers. */
export const DriverConflict = z.strictObject({
  nodes: NodeNames,
  owner: z.string().optional().describe('The manifest that comes first: `WekaCluster weka/demo`.'),
  version: z.string().optional().describe('The version that they get.'),
  against: z.array(z.string()).describe('What others ask for: `WekaClient weka/x wants 4.4.4`.'),
});
export type DriverConflict = z.infer<typeof DriverConflict>;

/** Drivers, and how far nodes are with them. What is left out is always counted. */
export const DriversOutput = z.strictObject({
  nodes: count.describe('Nodes that shall have drivers.'),
  progress: z
    .partialRecord(DriverProgress, count)
    .describe('How many of them are how far; none where absent.'),
  unread: z
    .string()
    .optional()
    .describe('Why nodes could not be read; what else is told is what was known last, if anything was.'),
  cells: z.array(DriverCellOutput).describe('By version, the newest first, and kernel.'),
  holdUps: z.array(DriverHoldUp).describe('What keeps nodes from having their drivers, the gravest first.'),
  conflicts: z.array(DriverConflict),
  pinned: count.describe('Packages whose digest is pinned.'),
  omitted: z
    .strictObject({ cells: count, holdUps: count, conflicts: count })
    .optional()
    .describe('How many of each are left out; those that need nobody go first.'),
});
export type DriversOutput = z.infer<typeof DriversOutput>;
