import { type ChildEnd, describeEnd } from '../build/run-child.ts';
import { isWell } from '../build/step.ts';
import { boundedCommand, type CommandRun } from './bounded-command.ts';
import { NoVendorCommandError } from './errors.ts';

export { isWell };

/** A command that is told to end may be amid loading; it gets so long. */
const KILL_GRACE_MS = 10_000;

/** Runs `weka driver …`, and keeps what it says last. */
export async function weka(run: CommandRun, args: readonly string[]): Promise<ChildEnd> {
  return await vendorCommand(run, ['driver', ...args]);
}

/** Runs a command of the vendor's, and keeps what it says last. */
export async function vendorCommand(run: CommandRun, args: readonly string[]): Promise<ChildEnd> {
  return await boundedCommand(run, ['weka', ...args], KILL_GRACE_MS);
}

/** Throws where there is no command; gives whether it can tell if drivers are loaded. */
export async function expectCommand(run: CommandRun): Promise<boolean> {
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
