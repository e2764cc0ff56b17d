import { mkdir, readdir, readFile } from 'node:fs/promises';
import { machine } from 'node:os';
import { join } from 'node:path';
import { ReconcilerError } from '../../reconciler/errors.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { CommandOf } from '../args/command.ts';
import { runningKernel } from '../build/kernel.ts';
import { LastLines } from '../build/last-lines.ts';
import { leaveFailure } from '../build/leave-failure.ts';
import { WEKA_DIST } from '../build/vendor-command.ts';
import type { Program } from '../cli.ts';
import { download } from '../drivers/download.ts';
import { openLog } from '../log.ts';
import { STEADY_TIME, type Time } from '../time.ts';
import { leaveResult } from '../upload/leave-result.ts';
import { LoadStoppedError, PackageKernelError } from './errors.ts';
import { loadKernelParts, overlayModules } from './module-overlay.ts';
import { onlyPackage } from './only-package.ts';
import { type LoadSettings, readLoadSettings } from './settings.ts';
import { vendorLoad } from './vendor-load.ts';

/** As the vendor's own loader has it (weka-operator §3.5). */
const EVERY_MS = 5_000;

/** Where the vendor's command looks for packages. */
const FOLDER = join(WEKA_DIST, 'drivers');

/**
 * `weka-nodeagent load`: verifies a package of the vendor's, and has its command load it into the kernel of this node. How it ended is
 * left for the cluster in the file of the result. Gives the exit code.
 */
export async function load(command: CommandOf<'load'>, program: Program): Promise<0 | 2> {
  const stop = program.stopSignal();
  const log = openLog(program.print, () => new Date());
  let wanted: DriverPackage | undefined;
  try {
    const settings = readLoadSettings(program.env);
    wanted = settings.package;
    const { file, sha256 } = wanted;
    log.info({ file, sha256, node: settings.node }, 'Loading drivers');
    await expectKernel(wanted);
    await bring(settings, stop, STEADY_TIME);
    const output = new LastLines(program.print);
    await overlayModules(output, stop);
    await loadKernelParts(output, stop, await hasIommu());
    await vendorLoad({
      package: wanted,
      folder: FOLDER,
      host: program.openHost('/'),
      env: program.env,
      replace: settings.replace,
      withinMs: settings.withinMs,
      everyMs: EVERY_MS,
      output,
      stop,
      time: STEADY_TIME,
    });
    log.info({ file, node: settings.node }, 'Loaded drivers');
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    await leaveResult(command.result, {
      schemaVersion: 1,
      result: 'loaded',
      package: wanted,
      node: settings.node,
      bootId,
    });
    return 0;
  } catch (thrown) {
    const error = stop.aborted && !(thrown instanceof ReconcilerError) ? new LoadStoppedError() : thrown;
    return await leaveFailure(error, command.result, wanted && targetOf(wanted), program);
  }
}

async function expectKernel({ kernel, architecture }: DriverPackage): Promise<void> {
  const running = await runningKernel();
  if (kernel === running.release && architecture === running.architecture) return;
  throw new PackageKernelError(`${kernel} ${architecture}`, `${running.release} ${machine()}`);
}

/** Puts the verified package where the vendor's command looks for it; what was cut off goes on. */
async function bring(
  { package: wanted, from, withinMs }: LoadSettings,
  stop: AbortSignal,
  time: Time,
): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await onlyPackage(FOLDER, wanted);
  const began = time.now();
  for (;;) {
    try {
      return await download({ package: wanted, from, to: join(FOLDER, wanted.file), signal: stop });
    } catch (error) {
      if (!(error instanceof ReconcilerError) || time.now() + EVERY_MS - began > withinMs) throw error;
    }
    await time.sleep(EVERY_MS, stop);
    if (stop.aborted) throw new LoadStoppedError();
  }
}

async function hasIommu(): Promise<boolean> {
  return (await readdir('/sys/kernel/iommu_groups').catch((): string[] => [])).length > 0;
}

function targetOf({ version, kernel, architecture, buildId }: DriverPackage) {
  return { version, kernel, architecture, ...(buildId === undefined ? {} : { buildId }) };
}
