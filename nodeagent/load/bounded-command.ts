import type { LastLines } from '../build/last-lines.ts';
import { type ChildEnd, runChild } from '../build/run-child.ts';
import { LoadStoppedError, LoadTimeoutError } from './errors.ts';

/** One command gets so long: what it loads may have to be set up. */
const COMMAND_MS = 120_000;

export interface CommandRun {
  readonly env: NodeJS.ProcessEnv;
  readonly output: LastLines;
  readonly stop: AbortSignal;
  /** How long each command gets; a while that is enough for any where unset. */
  readonly commandMs?: number;
}

/**
 * Runs a command, and keeps what it says last. One that does not end in its time is ended, and left where it hangs in the kernel; that,
 * and a stop, are thrown.
 */
export async function boundedCommand(
  { output, stop, env, commandMs = COMMAND_MS }: CommandRun,
  [file, ...args]: readonly [string, ...string[]],
  killGraceMs = 0,
): Promise<ChildEnd> {
  output.clear();
  const late = AbortSignal.timeout(commandMs);
  const signal = AbortSignal.any([stop, late]);
  const end = await runChild({ file, args, env }, { signal, output, killGraceMs });
  if (end.how !== 'aborted') return end;
  if (stop.aborted) throw new LoadStoppedError();
  throw new LoadTimeoutError(
    `${[file, ...args.slice(0, 2)].join(' ')} did not end within ${commandMs / 1000} seconds${end.isLeft === true ? ', nor when it was killed' : ''}.`,
    {
      hint: 'Look at the kernel’s log of the node: a module may hang while it is loaded or unloaded; only a reboot ends that.',
      lastLines: output.lines,
      isLeft: end.isLeft === true,
    },
  );
}
