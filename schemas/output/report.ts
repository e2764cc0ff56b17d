import { z } from 'zod';
import { ChangeOutput, Operation, origin } from './plan.ts';

/** What became of one write. */
export const OutcomeOutput = z.strictObject({
  op: Operation,
  target: z.string(),
  result: z
    .enum(['done', 'unchanged', 'failed', 'held'])
    .describe('`held`: not tried, since something that it needs failed.'),
  code: z.string().optional().describe('Of a failure; stable.'),
  why: z.string().optional().describe('Why it failed or was held back.'),
  hint: z.string().optional().describe('What to do about it.'),
});
export type OutcomeOutput = z.infer<typeof OutcomeOutput>;

/** How one object of the repository does in the cluster. */
export const ObjectHealth = z.strictObject({
  target: z.string(),
  state: z.enum(['current', 'progressing', 'failed', 'missing']),
  message: z.string(),
});
export type ObjectHealth = z.infer<typeof ObjectHealth>;

/** What `weka-gitops reconcile --output json` prints, and `history/` of the status branch holds. */
export const Report = z.strictObject({
  ...origin,
  kind: z.literal('Report'),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  clean: z.boolean().describe('Whether all that was asked for is done.'),
  changes: z.array(ChangeOutput),
  outcomes: z.array(OutcomeOutput),
  objects: z.array(ObjectHealth),
  omitted: z
    .strictObject({
      keeps: z.int().describe('Unchanged objects.'),
      healthy: z.int().describe('Objects that are well.'),
      changes: z.int(),
      outcomes: z.int(),
      findings: z.int(),
      unhealthy: z.int(),
      unread: z.int(),
    })
    .optional()
    .describe('How many of each a history file leaves out, so that it stays small.'),
});
export type Report = z.infer<typeof Report>;
