import { z } from 'zod';
import { CommitState } from './commit-state.ts';
import { Made, Obstacle } from './status.ts';

/**
 * What a receiver of the kind `webhook` is sent, as JSON: one for each end that a commit comes to, and another one when that
 * changes. `X-Weka-Gitops-Timestamp` has the time in Unix seconds, and where a secret is configured
 * `X-Weka-Gitops-Signature` is `sha256=` and the HMAC-SHA256 of timestamp, a dot and the body, in hexadecimal digits.
 */
export const Notification = z.strictObject({
  apiVersion: z.literal('weka-gitops.dev/v1'),
  kind: z.literal('Notification'),
  id: z.string().describe('The same when it is sent again, since no answer came.'),
  at: z.iso.datetime().describe('When this was so.'),
  cluster: z.string(),
  ref: z.string().describe('The ref that the repository is read at, as configured.'),
  commit: z.string().describe('40 hexadecimal digits.'),
  author: z.string().optional(),
  subject: z.string().optional().describe('First line of the commit message.'),
  state: CommitState,
  recovered: z.boolean().describe('Whether this ends a failure that was told before.'),
  summary: z.string().describe('All of it in one sentence.'),
  made: Made.optional().describe('What was done for the commit.'),
  obstacles: z.array(Obstacle).describe('What is in the way, the first few of it.'),
  more: z.int().describe('How many obstacles more there are.'),
  approvals: z
    .array(z.strictObject({ action: z.string(), target: z.string(), path: z.string() }))
    .describe('Consent that is waited for, and where the file that gives it may stand.'),
  url: z.string().optional().describe('Where more is told.'),
});
export type Notification = z.infer<typeof Notification>;
