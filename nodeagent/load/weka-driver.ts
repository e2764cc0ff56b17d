import type { LastLines } from '../build/last-lines.ts';
import { type ChildEnd, describeEnd, runChild } from '../build/run-child.ts';
import { isWell } from '../build/step.ts';
import { LoadStoppedError, LoadTimeoutError, NoVendorCommandError } from './errors.ts';

export { isWell };

/** One command gets so long: what it loads may have to be set up. */
const COMMAND_MS = 120_000;

/** A command that is told to end may be amid loading; it gets so long. */
const KILL_GRACE_MS = 10_000;

export interface WekaRun {
  readonly env: NodeJS.ProcessEnv;
  readonly output: LastLines;
  readonly stop: AbortSignal;
}

/** Runs `weka driver …`, and keeps what it says last. */
export async function weka(run: WekaRun, args: readonly string[]): Promise<ChildEnd> {
  return await vendorCommand(run, ['driver', ...args]);
}

/** Runs a command of the vendor's, and keeps what it says last. */
export async function vendorCommand(
  { output, stop, env }: WekaRun,
  args: readonly string[],
): Promise<ChildEnd> {
  output.clear();
  const late = AbortSignal.timeout(COMMAND_MS);
  const signal = AbortSignal.any([stop, late]);
  const end = await runChild({ file: 'weka', args, env }, { signal, output, killGraceMs: KILL_GRACE_MS });
  if (end.how !== 'aborted') return end;
  if (stop.aborted) throw new LoadStoppedError();
  throw new LoadTimeoutError(
    `weka ${args.slice(0, 2).join(' ')} did not end within ${COMMAND_MS / 1000} seconds.`,
    {
      hint: 'Look at the kernel’s log of the node: a module may hang while it is loaded.',
      lastLines: output.lines,
    },
  );
}

/** Throws where there is no command; gives whether it can tell if drivers are loaded. */
export async function expectCommand(run: WekaRun): Promise<boolean> {
  const end = await weka(run, ['--help']);
  if (!isWell(end)) {
    throw new NoVendorCommandError(
      end.how === 'missing'
        ? 'This image has no weka command, which installs the vendor’s packages.'
        : `weka driver --help ended with ${describeEnd(end)}.`,
      { hint: 'Use the image of WEKA, or set driversLoaderImage to one.', lastLines: run.output.lines },
    );
  }
  return run.output.lines.some((line) => /\bready\b/.test(line));
}
