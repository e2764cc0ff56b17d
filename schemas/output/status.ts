import { z } from 'zod';
import { CommitState } from './commit-state.ts';
import { NodesOutput } from './node.ts';
import { origin } from './plan.ts';
import { ObjectHealth, OutcomeOutput } from './report.ts';

/** An object that is not where it should be, and why. */
export const Obstacle = z.strictObject({ target: z.string(), why: z.string() });
export type Obstacle = z.infer<typeof Obstacle>;

/** How many writes ended how. */
export const Made = z.strictObject({
  created: z.int(),
  changed: z.int(),
  replaced: z.int(),
  pruned: z.int(),
  failed: z.int(),
  held: z.int(),
});
export type Made = z.infer<typeof Made>;

/** The last pass that had something to tell. */
export const LastPass = z.strictObject({
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  commit: z.string(),
  digest: z.string(),
  clean: z.boolean(),
  made: Made,
});
export type LastPass = z.infer<typeof LastPass>;

/** What `weka-gitops status --output json` prints, and `status.json` of the status branch holds. */
export const Status = z.strictObject({
  ...origin,
  kind: z.literal('Status'),
  at: z.iso.datetime().describe('When this was seen.'),
  clean: z
    .boolean()
    .describe('Whether the cluster is as the commit says: nothing is left to do, waits, or needs a person.'),
  objects: z.array(ObjectHealth),
  waiting: z.array(Obstacle).describe('What waits for something else.'),
  refused: z.array(Obstacle).describe('What needs a person.'),
  failed: z.array(OutcomeOutput).describe('Writes of the last pass that the cluster did not take.'),
  lastPass: LastPass.optional(),
  nodes: NodesOutput.optional().describe('What agents tell of nodes; absent where no agent is about.'),
  end: z
    .strictObject({
      state: CommitState,
      detail: z.string().describe('The same for as long as the same is in the way.'),
    })
    .optional()
    .describe('To what the commit has come, as a pass saw it; absent while it is on its way.'),
  failing: z.literal(true).optional().describe('A failure was seen, and not yet that all is healthy again.'),
});
export type Status = z.infer<typeof Status>;
