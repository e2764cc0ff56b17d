import { StepFailedError } from '../plan/fault.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** What `work` gives; a failure of the disk under `folder` becomes that of a step. */
export async function onDisk<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    // Others have a code as well, and no call of the system's.
    if (code === undefined || syscall === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
    throw FULL.has(code)
      ? new StepFailedError(
          {
            state: 'failed',
            code: 'NO_SPACE',
            message: `The disk with ${folder} is full.`,
            hint: `Free space on the node where ${folder} is.`,
          },
          { cause: error },
        )
      : new StepFailedError(
          {
            state: 'failed',
            code: 'STATE_FOLDER',
            message: `Packages cannot be kept in ${folder} (${code}).`,
            hint: 'Give the agent a folder of the node that it may write to, by --state.',
          },
          { cause: error },
        );
  }
}
