import { z } from 'zod';
import { ChangeOutput, FieldOutput } from './plan.ts';

/** A commit that wrote or removed something. */
export const CommitOutput = z.strictObject({
  sha: z.string().describe('40 hexadecimal digits.'),
  author: z.string(),
  date: z.iso.datetime().describe('When the author wrote it.'),
  subject: z.string().describe('First line of its message.'),
});
export type CommitOutput = z.infer<typeof CommitOutput>;

/** A line of the repository that says something, and since when. */
export const WrittenOutput = z.strictObject({
  what: z.string().describe('What it says: `the manifest`, or a field by its path.'),
  file: z.string(),
  line: z.int(),
  text: z.string().optional().describe('The line; absent where it may hold a secret, or nobody wrote it.'),
  builtIn: z.string().optional().describe('The folder whose kustomization makes the object of it.'),
  commit: CommitOutput.optional().describe('The last commit that changed the line.'),
  uncommitted: z.literal(true).optional().describe('The line is in the working tree only.'),
  older: z
    .string()
    .optional()
    .describe('Why the commit is not known, e.g. `not changed in the last 1,000 commits`.'),
});
export type WrittenOutput = z.infer<typeof WrittenOutput>;

/** Who manages a field, or a whole object, as the API server records it. */
export const OwnerOutput = z.strictObject({
  manager: z.string(),
  operation: z.enum(['Apply', 'Update']),
  subresource: z.string().optional(),
  time: z.string().optional().describe('Of its last write.'),
  ours: z.boolean().describe('Whether it is what weka-gitops applies.'),
  fields: z.int().optional().describe('How many fields it manages, where the whole object is explained.'),
});
export type OwnerOutput = z.infer<typeof OwnerOutput>;

/** One field in question. */
export const ExplainedField = z.strictObject({
  ...FieldOutput.shape,
  state: z
    .enum(['same', 'differs', 'not-asked-for'])
    .describe(
      '`from` is what the cluster has, `to` what is asked for; where both are the same, both are told.',
    ),
  why: z.string().optional().describe('What there is to say of it besides.'),
  written: z
    .array(WrittenOutput)
    .describe('The lines that say so; several where something is built of them.'),
  owners: z.array(OwnerOutput),
});
export type ExplainedField = z.infer<typeof ExplainedField>;

export const ExplainedState = z
  .enum([
    'in-sync',
    'will-be-created',
    'will-be-changed',
    'will-be-replaced',
    'will-be-pruned',
    'waits',
    'refused',
    'broken',
    'checked-only',
    'not-ours',
    'in-service',
    'out-of-service',
    'free',
    'in-use',
    'blocked',
    'missing',
    'loaded',
    'on-the-way',
    'held-up',
    'not-seen',
    'not-asked-for',
  ])
  .describe(
    '`broken`: its manifest has an error. `checked-only`: nothing is made of it. `not-ours`: it is in the cluster, and no manifest asks for it. The last five are of drivers: of builds and nodes, or of a code.',
  );
export type ExplainedState = z.infer<typeof ExplainedState>;

/** Something that belongs to what is explained, or that it waits for. */
const Related = z.strictObject({ target: z.string(), why: z.string() });

/** What `weka-gitops explain --output json` prints. */
export const Explanation = z.strictObject({
  apiVersion: z.literal('weka-gitops.dev/v1'),
  kind: z.literal('Explanation'),
  cluster: z.string(),
  ref: z.string().describe('The ref that the repository is read at, as configured.'),
  commit: z.string().describe('The commit that was read.'),
  target: z
    .string()
    .describe('As plans call it; `node/NAME`, `drive/SERIAL` and `drivers/…` for what is no object of ours.'),
  field: z.string().optional().describe('The field that was asked about.'),
  state: ExplainedState,
  now: z.array(z.string()).describe('How it is, in sentences.'),
  change: ChangeOutput.optional().describe('What the plan intends for it.'),
  written: z.array(WrittenOutput).describe('The lines of the repository that ask for it.'),
  removed: z
    .strictObject({
      file: z.string().optional(),
      commit: CommitOutput.optional(),
      older: z.string().optional(),
    })
    .optional()
    .describe('Which commit took its manifest away.'),
  fields: z.array(ExplainedField).describe('Those that differ, or the one that was asked about.'),
  owners: z.array(OwnerOutput).describe('All that manage something of it.'),
  facts: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  related: z.array(Related).describe('What else belongs to it: its pod, its anchor, what runs on a node.'),
  waitsFor: z.array(Related).describe('What has to come first.'),
  toChange: z.array(z.string()).describe('What would change it.'),
});
export type Explanation = z.infer<typeof Explanation>;
