import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcilerError } from '../../reconciler/errors.ts';
import { describeEnd } from '../build/run-child.ts';
import { vendorVersion } from '../build/vendor-command.ts';
import { readVendorModules, type VendorModules } from '../build/vendor-modules.ts';
import { WorkError } from '../build/work-error.ts';
import type { LoadedDriver } from '../plan/driver-facts.ts';
import { diskCode } from './disk-code.ts';
import {
  InUseError,
  LoadStoppedError,
  LoadTimeoutError,
  NoWayBackError,
  VendorInstallError,
} from './errors.ts';
import { isWhole, keptFile, type KeptPackage, keptSpec } from './kept-package.ts';
import { listed } from './loaded-modules.ts';
import { onlyPackage } from './only-package.ts';
import { type Attempt, noteTried, triedBefore } from './tried-package.ts';
import { type VendorLoad, vendorLoad } from './vendor-load.ts';
import { isWell, vendorCommand } from './weka-driver.ts';

export interface WayBack {
  /** Where the node keeps what was loaded last, and notes. */
  readonly folder: string;
  readonly kept: KeptPackage | undefined;
  readonly attempt: Attempt;
  /** Brings the bytes of a package that was kept to where they are to be. */
  readonly bring: (kept: KeptPackage) => Promise<void>;
  /** A folder for what has to be unpacked to be looked at. */
  readonly scratch: string;
}

/**
 * Has the vendor's command load a package; where that fails, the one that was loaded on this node before is loaded again, and the failure
 * is thrown with what came of that.
 */
export async function loadOrGoBack(load: Omit<VendorLoad, 'wayBack'>, back: WayBack): Promise<void> {
  const spare = back.kept !== undefined && fits(back.kept, load) ? back.kept : undefined;
  const gone: LoadedDriver[] = [];
  let tried: VendorInstallError | undefined;
  const wayBack = async (others: readonly LoadedDriver[]) => {
    tried = await triedBefore(back.folder, back.attempt);
    if (tried !== undefined) throw tried;
    if (spare === undefined || load.replace === 'never') return false;
    return (await isWhole(spare)) || (await broughtAgain(spare, others, load, back));
  };
  try {
    await vendorLoad({ ...load, wayBack }, gone);
  } catch (why) {
    if (!(why instanceof WorkError) || why === tried || !isToBeMended(why, gone)) throw why;
    if (!canGoBack(why)) throw withLoss(why, gone, 'nothing could load');
    if (spare === undefined || !(await isWhole(spare))) {
      throw withLoss(why, gone, 'this node has no package to load');
    }
    await goBack(load, spare, back).catch((second: unknown) => {
      throw told(why, `Going back to ${spare.release} failed, too: ${reasonOf(second)}`, LOOK);
    });
    const wentBack = told(
      why,
      `The node went back to ${spare.release}.`,
      `Mend what the last lines and the kernel’s log of the node tell, or commit ${spare.release}; before a reboot this pod does not try again.`,
    );
    // What was in the way may be gone the next time.
    if (wentBack instanceof VendorInstallError) await note(wentBack, back);
    throw wentBack;
  }
}

/** Whether a failure leaves the node with less than it had, or than it could have. */
function isToBeMended(why: WorkError, gone: readonly LoadedDriver[]): boolean {
  if (why.code === 'VENDOR_INSTALL') return true;
  const isAmid =
    why instanceof InUseError || why instanceof LoadTimeoutError || why instanceof LoadStoppedError;
  return isAmid && gone.length > 0;
}

/** A pod that is told to end has no time for it, and beside what hangs in the kernel nothing is loaded. */
function canGoBack(why: WorkError): boolean {
  return !(why instanceof LoadStoppedError || (why instanceof LoadTimeoutError && why.isLeft));
}

async function note(failure: VendorInstallError, { folder, attempt }: WayBack): Promise<void> {
  try {
    await noteTried(folder, attempt, failure);
  } catch (error) {
    // The failure itself is what has to be told.
    throw told(
      failure,
      `It could not be noted: ${reasonOf(error)}`,
      `Make room in ${folder} of the node. ${LOOK}`,
    );
  }
}

/** Why something else failed besides; a bug is thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof ReconcilerError) return error.message;
  const code = diskCode(error);
  if (code === undefined) throw error;
  return `the disk says ${code}.`;
}

const LOOK =
  'Commit the version of before, which is loaded then; or mend what the last lines and the kernel’s log of the node tell.';

function fits(kept: KeptPackage, { package: wanted }: Pick<VendorLoad, 'package'>): boolean {
  const { sha256, kernel, architecture } = kept.package;
  return sha256 !== wanted.sha256 && kernel === wanted.kernel && architecture === wanted.architecture;
}

/** Has the package of what is loaded brought again; throws where it cannot be had. One that is not loaded is no loss. */
async function broughtAgain(
  spare: KeptPackage,
  others: readonly LoadedDriver[],
  { package: wanted }: Pick<VendorLoad, 'package'>,
  back: WayBack,
): Promise<boolean> {
  if (!others.some(({ version }) => version === spare.release)) return false;
  try {
    await back.bring(spare);
    return true;
  } catch (error) {
    const reason = reasonOf(error);
    throw new NoWayBackError(
      `The package of ${spare.release} cannot be had, to go back to where ${wanted.version} does not load. ${reason}`,
      {
        hint: `Have the service offer ${spare.package.version} for this kernel again, or reboot the node: after a boot ${wanted.version} is loaded with nothing to replace.`,
      },
    );
  }
}

async function goBack(load: Omit<VendorLoad, 'wayBack'>, spare: KeptPackage, back: WayBack): Promise<void> {
  const { package: wanted, release } = spare;
  await onlyPackage(load.folder, wanted);
  await copyFile(keptFile(spare), join(load.folder, wanted.file));
  await getRelease(load, spare);
  const seen: VendorModules = await readVendorModules(keptFile(spare), back.scratch, load.stop);
  await vendorLoad(
    {
      ...load,
      package: wanted,
      release,
      modules: 'modules' in seen ? seen.modules : undefined,
      // What is loaded of the package that failed is nobody's.
      replace: 'unused',
      withinMs: 0,
      wayBack: async () => await Promise.resolve(false),
    },
    [],
  );
}

/** This image has the spec of its own version only; that of the other one was kept with its package. */
async function getRelease(load: Omit<VendorLoad, 'wayBack'>, spare: KeptPackage): Promise<void> {
  const { release, tree } = spare;
  if ((await vendorVersion(release)) === release) return;
  const hasSpec = await stat(keptSpec(spare)).then(
    () => true,
    () => false,
  );
  if (!hasSpec) return;
  // So the vendor writes it: what follows file:// is a path without its first slash.
  const args = ['version', 'get', '--driver-only', '--without-agent', '--from', `file:/${tree}`, release];
  const end = await vendorCommand(load, args);
  if (isWell(end)) return;
  throw new VendorInstallError(`weka version get ended with ${describeEnd(end)}.`, {
    lastLines: load.output.lines,
  });
}

/** A failure, with what was there before and does not come back, since `who` cannot load it again. */
function withLoss(why: WorkError, gone: readonly LoadedDriver[], who: string): WorkError {
  if (gone.length === 0) return why;
  const [were, them] = gone.length === 1 ? ['was', 'it'] : ['were', 'them'];
  return told(why, `${listed(gone)} ${were} unloaded before, and ${who} ${them} again.`, LOOK);
}

function told(why: WorkError, more: string, hint: string): WorkError {
  const message = `${why.message} ${more}`;
  if (why instanceof LoadStoppedError) return new LoadStoppedError(message);
  if (why instanceof LoadTimeoutError && why.isLeft) {
    return new LoadTimeoutError(message, { hint: why.hint, lastLines: why.lastLines, isLeft: true });
  }
  const Same = why instanceof InUseError ? InUseError : VendorInstallError;
  return new Same(message, { hint, lastLines: why.lastLines });
}
