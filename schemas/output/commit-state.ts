import { z } from 'zod';

/** To what a commit has come. */
export const CommitState = z
  .enum(['applied', 'healthy', 'waiting', 'failed'])
  .describe(
    '`applied`: all is written, and not all works yet; `waiting`: something waits for consent or for something else.',
  );
export type CommitState = z.infer<typeof CommitState>;
