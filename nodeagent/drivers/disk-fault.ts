import { StepFailedError } from '../plan/fault.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

const MAY_NOT = 'Give the agent a folder of the node that it may write to, by --state.';
const HINTS: Readonly<Record<string, string>> = {
  EACCES: MAY_NOT,
  EPERM: MAY_NOT,
  ENOTDIR: MAY_NOT,
  EEXIST: MAY_NOT,
  EROFS:
    'Look why the file system is read-only on the node, and make it writable, or give the agent another folder by --state.',
  EIO: 'Look whether the disk of the node is sound.',
  ENOENT: 'Look what removes files of the agent on the node.',
};

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
            message: `The agent cannot use its folder ${folder} (${code}).`,
            hint: HINTS[code] ?? `Look on the node why ${folder} cannot be used.`,
          },
          { cause: error },
        );
  }
}
