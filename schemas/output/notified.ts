import { z } from 'zod';
import { CommitState } from './commit-state.ts';

/**
 * What `notified.json` of the status branch holds: what passes that are run once told the receivers of notifications last, so that the
 * next one knows.
 */
export const Notified = z.strictObject({
  apiVersion: z.literal('weka-gitops.dev/v1'),
  kind: z.literal('Notified'),
  commit: z.string(),
  state: CommitState,
  detail: z.string().describe('The same for as long as the same is in the way.'),
  failing: z.boolean().describe('Whether a failure was told, and not yet that all is healthy again.'),
  untold: z.array(z.string()).max(20).describe('Receivers that have not taken it, by their names.'),
});
export type Notified = z.infer<typeof Notified>;
