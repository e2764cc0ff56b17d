import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReconcilerError, StoppedError } from '../../errors.ts';

/** The machine has no room or no right for the temporary files. */
export class TemporaryFolderError extends ReconcilerError {
  readonly code = 'TEMPORARY_FOLDER';
  readonly retry = 'next-pass';

  constructor(folder: string, cause: unknown) {
    const { code } = cause as NodeJS.ErrnoException;
    super(`Temporary files could not be written below ${folder}${code === undefined ? '' : ` (${code})`}.`, {
      hint: 'Make room there, or set TMPDIR to a folder that can be written.',
      cause,
    });
  }
}

/** What is under way in each folder. */
const open = new Map<string, AbortController>();
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function sweep(): void {
  for (const folder of open.keys()) rmSync(folder, { recursive: true, force: true });
}

function onSignal(signal: NodeJS.Signals): void {
  for (const work of open.values()) work.abort(new StoppedError(signal));
  // Somebody else listens, finishes what is under way, and so comes to the end of it.
  if (process.listenerCount(signal) > 1) return;
  sweep();
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

/**
 * A folder that only this user can read, for as long as `use` takes. It is removed on every way out: also where the
 * process is told to end meanwhile, which aborts the signal that `use` is given.
 */
export async function inPrivateFolder<Result>(
  use: (folder: string, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const folder = await made();
  if (open.size === 0) {
    // The first to hear of it, while others that listen only once are still counted.
    for (const signal of SIGNALS) process.prependListener(signal, onSignal);
    process.prependListener('exit', sweep);
  }
  const work = new AbortController();
  open.set(folder, work);
  try {
    return await use(folder, work.signal);
  } finally {
    open.delete(folder);
    if (open.size === 0) {
      for (const signal of SIGNALS) process.off(signal, onSignal);
      process.off('exit', sweep);
    }
    await rm(folder, { recursive: true, force: true });
  }
}

async function made(): Promise<string> {
  try {
    return await realpath(await mkdtemp(join(tmpdir(), 'weka-gitops-kustomize-')));
  } catch (cause) {
    throw new TemporaryFolderError(tmpdir(), cause);
  }
}
