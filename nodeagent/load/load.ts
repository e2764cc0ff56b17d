import { mkdir, readdir, readFile } from 'node:fs/promises';
import { machine, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ReconcilerError } from '../../reconciler/errors.ts';
import { KEPT_FOLDER } from '../../schemas/drivers/node-folders.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { CommandOf } from '../args/command.ts';
import { runningKernel } from '../build/kernel.ts';
import { LastLines } from '../build/last-lines.ts';
import { leaveFailure } from '../build/leave-failure.ts';
import { vendorVersion, WEKA_DIST } from '../build/vendor-command.ts';
import { readVendorModules } from '../build/vendor-modules.ts';
import type { Program } from '../cli.ts';
import { download } from '../drivers/download.ts';
import { openLog } from '../log.ts';
import { STEADY_TIME } from '../time.ts';
import { leaveResult } from '../upload/leave-result.ts';
import { diskCode } from './disk-code.ts';
import { LoadStoppedError, PackageKernelError } from './errors.ts';
import { type Keeping, keepPackage, keptFile, readKept } from './kept-package.ts';
import { loadOrGoBack } from './load-or-go-back.ts';
import { loadKernelParts, overlayModules } from './module-overlay.ts';
import { onlyPackage } from './only-package.ts';
import { type LoadSettings, readLoadSettings } from './settings.ts';
import { forgetTried } from './tried-package.ts';

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
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const path = join(FOLDER, file);
    await mkdir(FOLDER, { recursive: true });
    await onlyPackage(FOLDER, wanted);
    await bring(wanted, path, settings, stop);
    const seen = await readVendorModules(path, tmpdir(), stop);
    if ('why' in seen) {
      log.warn(
        { file, why: seen.why },
        'The modules in the package cannot be looked at before they are loaded',
      );
    }
    const output = new LastLines(program.print);
    const run = { env: program.env, output, stop };
    await overlayModules(run);
    await loadKernelParts(run, await hasIommu());
    const release = (await vendorVersion(wanted.version)) ?? wanted.version;
    await loadOrGoBack(
      {
        package: wanted,
        release,
        modules: 'modules' in seen ? seen.modules : undefined,
        folder: FOLDER,
        host: program.openHost('/'),
        ...run,
        replace: settings.replace,
        withinMs: settings.withinMs,
        everyMs: EVERY_MS,
        time: STEADY_TIME,
      },
      {
        folder: KEPT_FOLDER,
        kept: await readKept(KEPT_FOLDER),
        attempt: { sha256, bootId, pod: settings.pod },
        bring: async (kept) => {
          await mkdir(dirname(keptFile(kept)), { recursive: true });
          await bring(kept.package, keptFile(kept), settings, stop);
        },
        scratch: tmpdir(),
      },
    );
    log.info({ file, node: settings.node }, 'Loaded drivers');
    await keep({ package: wanted, release, path, spec: join(WEKA_DIST, 'release', `${release}.spec`) }, log);
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

/** Downloads a package and verifies it; what was cut off goes on. */
async function bring(
  wanted: DriverPackage,
  to: string,
  { from, withinMs }: Pick<LoadSettings, 'from' | 'withinMs'>,
  stop: AbortSignal,
): Promise<void> {
  const began = STEADY_TIME.now();
  for (;;) {
    try {
      return await download({ package: wanted, from, to, signal: stop });
    } catch (error) {
      if (!(error instanceof ReconcilerError) || STEADY_TIME.now() + EVERY_MS - began > withinMs) throw error;
    }
    await STEADY_TIME.sleep(EVERY_MS, stop);
    if (stop.aborted) throw new LoadStoppedError();
  }
}

/** Keeps what was loaded for the time when another one does not load. A disk that has no room for it is no reason not to have loaded. */
async function keep(keeping: Keeping, log: ReturnType<typeof openLog>): Promise<void> {
  try {
    await keepPackage(KEPT_FOLDER, keeping);
    await forgetTried(KEPT_FOLDER);
  } catch (error) {
    const code = diskCode(error);
    if (code === undefined) throw error;
    log.warn(
      { code, folder: KEPT_FOLDER },
      'The package cannot be kept on the node, so that it could not go back to it',
    );
  }
}

async function hasIommu(): Promise<boolean> {
  return (await readdir('/sys/kernel/iommu_groups').catch((): string[] => [])).length > 0;
}

function targetOf({ version, kernel, architecture, buildId }: DriverPackage) {
  return { version, kernel, architecture, ...(buildId === undefined ? {} : { buildId }) };
}
