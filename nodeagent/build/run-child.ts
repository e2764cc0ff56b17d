import { spawn } from 'node:child_process';
import type { LastLines } from './last-lines.ts';
import { killLeft, newMark } from './left-processes.ts';

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
}

/** How a program ended. */
export type ChildEnd = (
  | { readonly how: 'exited'; readonly exitCode: number }
  | { readonly how: 'killed'; readonly by: string }
  /** It was ended since `signal` was aborted. */
  | { readonly how: 'aborted' }
  /** There is no such program. */
  | { readonly how: 'missing' }
) & {
  /** It, or something that it started, is there still, though it was killed: it may hang in the kernel. */
  readonly isLeft?: true;
};

/** How long what a program printed is waited for once it has ended. */
const DRAIN_MS = 2000;

/** One that was killed and is not gone by then hangs in the kernel, and is left. */
const HANG_MS = 5000;

/** Programs that are at work. */
const atWork = new Set<number>();

/**
 * Runs a program to its end, in a process group of its own that is killed as a whole when it has ended or when `signal` is aborted, and
 * so is what else it started and left behind. One that does not end by that either is left. It has no standard input; what it prints
 * goes to `output`.
 */
export async function runChild(
  { file, args, cwd, env }: ChildCommand,
  { signal, output, killGraceMs = 0 }: { signal: AbortSignal; output: LastLines; killGraceMs?: number },
): Promise<ChildEnd> {
  if (signal.aborted) return { how: 'aborted' };
  const ended = Promise.withResolvers<ChildEnd>();
  const drained = Promise.withResolvers<void>();
  const mark = newMark();
  const child = spawn(file, [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...env, ...mark },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) atWork.add(child.pid);
  for (const pipe of [child.stdout, child.stderr]) {
    const { write, end } = output.stream();
    pipe.on('data', write);
    pipe.on('close', end);
    pipe.on('error', () => {});
  }
  child.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EACCES') ended.resolve({ how: 'missing' });
    else ended.reject(error);
  });
  child.on('exit', (code, by) => {
    ended.resolve(by === null ? { how: 'exited', exitCode: code ?? 0 } : { how: 'killed', by });
  });
  child.on('close', () => drained.resolve());

  const kill = (how: NodeJS.Signals) => killGroup(child.pid, how);
  let late: NodeJS.Timeout | undefined;
  const killForGood = () => {
    kill('SIGKILL');
    late = setTimeout(() => ended.resolve({ how: 'aborted', isLeft: true }), HANG_MS);
  };
  const abort = () => {
    if (killGraceMs === 0) return killForGood();
    kill('SIGTERM');
    late = setTimeout(killForGood, killGraceMs);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const end = await ended.promise;
    // What it left in the background would hold the pipes open.
    kill('SIGKILL');
    if (child.pid !== undefined) atWork.delete(child.pid);
    const isClean = await killLeft(mark, atWork);
    const undrained = setTimeout(() => drained.resolve(), DRAIN_MS);
    if (end.how !== 'missing' && end.isLeft !== true) await drained.promise;
    clearTimeout(undrained);
    const left = isClean && end.isLeft !== true ? {} : ({ isLeft: true } as const);
    return signal.aborted && end.how !== 'missing' ? { how: 'aborted', ...left } : { ...end, ...left };
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(late);
    // One that hangs is not to keep this process from ending.
    child.unref();
    if (child.pid !== undefined) atWork.delete(child.pid);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** `exit code 2`, `signal SIGKILL`, for sentences. */
export function describeEnd(end: ChildEnd): string {
  switch (end.how) {
    case 'exited':
      return `exit code ${end.exitCode}`;
    case 'killed':
      return `signal ${end.by}`;
    case 'aborted':
      return 'being told to end';
    case 'missing':
      return 'no such program';
  }
}

function killGroup(pid: number | undefined, how: NodeJS.Signals): void {
  // Group 0 would be our own.
  if (pid === undefined || pid <= 1) return;
  try {
    process.kill(-pid, how);
  } catch (error) {
    // What may not be killed is found when it is looked for what is left.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
