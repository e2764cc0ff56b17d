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
export type ChildEnd =
  | { readonly how: 'exited'; readonly exitCode: number }
  | { readonly how: 'killed'; readonly by: string }
  /** It was ended since `signal` was aborted. */
  | { readonly how: 'aborted' }
  /** There is no such program. */
  | { readonly how: 'missing' };

/** How long what a program printed is waited for once it has ended. */
const DRAIN_MS = 2000;

/** Programs that are at work. */
const atWork = new Set<number>();

/**
 * Runs a program to its end, in a process group of its own that is killed as a whole when it has ended or when `signal` is aborted, and
 * so is what else it started and left behind. It has no standard input; what it prints goes to `output`.
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
  let grace: NodeJS.Timeout | undefined;
  const abort = () => {
    if (killGraceMs === 0) return kill('SIGKILL');
    kill('SIGTERM');
    grace = setTimeout(() => kill('SIGKILL'), killGraceMs);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    const end = await ended.promise;
    // What it left in the background would hold the pipes open.
    kill('SIGKILL');
    if (child.pid !== undefined) atWork.delete(child.pid);
    await killLeft(mark, atWork);
    const late = setTimeout(() => drained.resolve(), DRAIN_MS);
    if (end.how !== 'missing') await drained.promise;
    clearTimeout(late);
    return signal.aborted && end.how !== 'missing' ? { how: 'aborted' } : end;
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(grace);
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
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
