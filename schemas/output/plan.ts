import { z } from 'zod';
import { FindingOutput } from './finding.ts';

/** One field that a change touches. */
export const FieldOutput = z.strictObject({
  path: z.string().describe('E.g. `spec.template.spec.containers[name=weka].image`.'),
  from: z.json().optional().describe('The live value; absent for a new field. A Secret has `(hidden)`.'),
  to: z.json().optional().describe('The value that is asked for; absent for a field that is removed.'),
  manager: z.string().optional().describe('Another field manager that set the live value.'),
});
export type FieldOutput = z.infer<typeof FieldOutput>;

/** A mark that a reviewer should look twice. */
export const FlagOutput = z.enum([
  'drift',
  'takeover',
  'conflict',
  'force',
  'secret',
  'cluster-scoped',
  'unproven',
]);
export type FlagOutput = z.infer<typeof FlagOutput>;

export const Operation = z
  .enum(['create', 'update', 'replace', 'prune', 'keep', 'refuse', 'wait', 'run'])
  .describe('`keep` is unchanged, `refuse` needs a person, `wait` needs something else first.');
export type Operation = z.infer<typeof Operation>;

/** What is intended for one object. */
export const ChangeOutput = z.strictObject({
  op: Operation,
  target: z.string().describe('E.g. `apps/v1/DaemonSet/namespace/name`, `v1/Namespace/name`.'),
  fields: z.array(FieldOutput),
  flags: z.array(FlagOutput),
  reason: z.string().optional().describe('Why it is replaced, refused or waits.'),
  source: z.string().optional().describe('`file:line` of the manifest; absent for what none asks for.'),
});
export type ChangeOutput = z.infer<typeof ChangeOutput>;

/** How many of everything. */
export const Summary = z.strictObject({
  create: z.int(),
  update: z.int(),
  replace: z.int(),
  prune: z.int(),
  keep: z.int(),
  refuse: z.int(),
  wait: z.int(),
  run: z.int(),
  errors: z.int(),
  warnings: z.int(),
  ignored: z.int(),
});
export type Summary = z.infer<typeof Summary>;

/** A kind that could not be listed. Nothing is concluded from it. */
export const UnreadOutput = z.strictObject({
  kind: z.string().describe('E.g. `DaemonSet.apps`.'),
  namespace: z.string().optional(),
  why: z.string(),
});
export type UnreadOutput = z.infer<typeof UnreadOutput>;

/** What plan, report and status have in common: what was read, and where. */
export const origin = {
  apiVersion: z.literal('weka-gitops.dev/v1'),
  cluster: z.string(),
  ref: z.string().describe('The ref that the repository is read at, as configured.'),
  commit: z.string().describe('40 hexadecimal digits.'),
  author: z.string(),
  subject: z.string().describe('First line of the commit message.'),
  digest: z.string().describe('Over all changes with their identities and owned fields.'),
  files: z.int().describe('Files read.'),
  documents: z.int().describe('Objects that they describe.'),
  summary: Summary,
  pruneBlocked: z.string().optional().describe('Why nothing is pruned in this pass.'),
  brake: z
    .strictObject({
      state: z
        .enum(['suspended', 'frozen'])
        .describe('Nothing is written, or nothing is deleted or replaced.'),
      reason: z.string(),
    })
    .optional()
    .describe('What a person set up in the cluster to hold passes back.'),
  unread: z.array(UnreadOutput),
  findings: z.array(FindingOutput),
};

/** What `weka-gitops plan --output json` prints. */
export const Plan = z.strictObject({
  ...origin,
  kind: z.literal('Plan'),
  changes: z
    .array(ChangeOutput)
    .describe('All, unchanged objects too, in the order of their being carried out.'),
});
export type Plan = z.infer<typeof Plan>;
