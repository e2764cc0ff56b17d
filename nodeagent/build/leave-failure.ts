import { explain, ReconcilerError } from '../../reconciler/errors.ts';
import type { DriverTarget } from '../../schemas/drivers/target.ts';
import type { Program } from '../cli.ts';
import { failedResult, leaveResult } from '../upload/leave-result.ts';
import { WorkError } from './work-error.ts';

/** Leaves a failure for the cluster in the file of the result, and for people in the log; a bug is thrown on. Gives the exit code. */
export async function leaveFailure(
  error: unknown,
  file: string,
  target: DriverTarget | undefined,
  { complain }: Program,
): Promise<2> {
  if (!(error instanceof ReconcilerError)) throw error;
  const lastLines = error instanceof WorkError ? error.lastLines : [];
  await leaveResult(
    file,
    failedResult(error, {
      ...(target === undefined ? {} : { target }),
      ...(lastLines.length === 0 ? {} : { lastLines: [...lastLines] }),
    }),
  );
  complain(`weka-nodeagent: ${explain(error)}\n`);
  return 2;
}
