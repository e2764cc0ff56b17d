import { BuildStoppedError, BuildTimeoutError, LeftBehindError, NoSpaceError } from './errors.ts';
import type { LastLines } from './last-lines.ts';
import { type ChildCommand, type ChildEnd, runChild } from './run-child.ts';

/** What the steps of a build have in common. */
export interface BuildRun {
  readonly output: LastLines;
  readonly timeoutMs: number;
  /** Aborted when the pod is told to end. */
  readonly stop: AbortSignal;
  /** Aborted when the time of the build is over. */
  readonly deadline: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** Is told that a step was left which did not end: this process could not end by itself either. */
  readonly left?: () => void;
}

/** Runs one program of a build; a full disk, a stop, the deadline and what cannot be killed are thrown. `doing` goes into sentences: `while compiling`. */
export async function runStep(
  run: BuildRun,
  doing: string,
  command: Omit<ChildCommand, 'env'> & { readonly env?: NodeJS.ProcessEnv },
): Promise<Exclude<ChildEnd, { how: 'aborted' }>> {
  const { output, stop, deadline } = run;
  output.clear();
  const signal = AbortSignal.any([stop, deadline]);
  const end = await runChild({ ...command, env: { ...run.env, ...command.env } }, { signal, output });
  if (end.isLeft === true) run.left?.();
  if (end.how === 'aborted') throw abortedError(run, doing);
  // It could change what is built, or read the key that it is signed with.
  if (end.isLeft === true) throw new LeftBehindError(doing, output.lines);
  if (output.isDiskFull && !(end.how === 'exited' && end.exitCode === 0)) {
    throw new NoSpaceError(doing, output.lines);
  }
  return end;
}

/** How long a step that is to end has for that. */
const ENDING_MS = 2000;

/**
 * Does what the build does itself; a full disk is told as such. The step is to end when the signal is aborted; where it does not, since
 * a disk does not answer, it is left.
 */
export async function ownStep<Result>(
  run: BuildRun,
  doing: string,
  step: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = AbortSignal.any([run.stop, run.deadline]);
  if (signal.aborted) throw abortedError(run, doing);
  const left = Promise.withResolvers<'left'>();
  let late: NodeJS.Timeout | undefined;
  const abort = () => (late = setTimeout(() => left.resolve('left'), ENDING_MS));
  signal.addEventListener('abort', abort, { once: true });
  try {
    const done = await Promise.race([step(signal).then((result) => ({ result })), left.promise]);
    if (done === 'left') run.left?.();
    if (signal.aborted || done === 'left') throw abortedError(run, doing);
    return done.result;
  } catch (error) {
    if (signal.aborted) throw abortedError(run, doing);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new NoSpaceError(doing);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    clearTimeout(late);
  }
}

function abortedError({ stop, timeoutMs, output }: BuildRun, doing: string): Error {
  return stop.aborted ? new BuildStoppedError(doing) : new BuildTimeoutError(doing, timeoutMs, output.lines);
}

/** Whether a program ended well. */
export function isWell(end: ChildEnd): boolean {
  return end.how === 'exited' && end.exitCode === 0;
}
