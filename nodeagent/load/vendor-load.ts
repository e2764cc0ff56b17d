import { readFile, writeFile } from 'node:fs/promises';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../schemas/node/drivers.ts';
import type { LastLines } from '../build/last-lines.ts';
import { type ChildEnd, describeEnd, runChild } from '../build/run-child.ts';
import { vendorOptions, vendorVersion } from '../build/vendor-command.ts';
import type { Time } from '../time.ts';
import {
  InUseError,
  LoadStoppedError,
  LoadTimeoutError,
  NoVendorCommandError,
  OtherLoadedError,
  VendorInstallError,
} from './errors.ts';

/** What has to be loaded once the vendor's command says that it is, each before what needs it. */
const MODULES = ['wekafsgw', 'wekafsio'];

const INTERFACE = '/proc/wekafs/interface';

/** One command gets so long: what it loads may have to be set up. */
const COMMAND_MS = 120_000;

/** A command that is told to end may be amid loading; it gets so long. */
const KILL_GRACE_MS = 10_000;

export interface VendorLoad {
  readonly package: DriverPackage;
  readonly replace: DriversIntent['replace'];
  /** How long attempts are made, and how long each waits for the next. */
  readonly withinMs: number;
  readonly everyMs: number;
  readonly output: LastLines;
  readonly stop: AbortSignal;
  readonly time: Time;
}

/** Has the vendor's command load a package that is in its folder of drivers, and sees that the kernel has it then. */
export async function vendorLoad(load: VendorLoad): Promise<void> {
  const canTell = await expectCommand(load);
  const version = (await vendorVersion(load.package.version)) ?? load.package.version;
  const options = vendorOptions(version, load.package.buildId);
  const isReady = async () => isWell(await weka(load, ['ready', ...options]));
  const before = await loadedNow();
  if (before.length === MODULES.length && canTell && (await isReady())) return;
  // Of these nobody knows here whose they are; what an attempt leaves behind is ours.
  const others = new Set(before);
  const began = load.time.now();
  for (;;) {
    const why =
      (await unload(load, others)) ?? (await install(load, options, canTell ? isReady : async () => true));
    if (why === undefined) return;
    if (load.time.now() + load.everyMs - began > load.withinMs) throw why;
    await load.time.sleep(load.everyMs, load.stop);
    if (load.stop.aborted) throw new LoadStoppedError();
  }
}

/** Installs once; gives what stands in the way, which may be gone after a while. */
async function install(
  load: VendorLoad,
  options: readonly string[],
  isReady: () => Promise<boolean>,
): Promise<VendorInstallError | undefined> {
  const end = await weka(load, ['install', ...options]);
  const said = [...load.output.lines];
  if (!isWell(end)) {
    return new VendorInstallError(`weka driver install ended with ${describeEnd(end)}.`, {
      hint: 'Look at its last lines and the kernel’s log: where only signed modules are loaded, these have to be signed.',
      lastLines: said,
    });
  }
  const loaded = await loadedNow();
  const missing = MODULES.filter((name) => !loaded.includes(name));
  if (missing.length > 0) {
    return new VendorInstallError(
      `weka driver install ended well, and the kernel does not have ${missing.join(' and ')}.`,
      { hint: 'Look at the kernel’s log of the node.', lastLines: said },
    );
  }
  if (await isReady()) return undefined;
  return new VendorInstallError(
    'weka driver install ended well, and weka driver ready says that they are not.',
    {
      hint: 'Look for mounts that keep older modules: unmount WEKA’s file systems on this node.',
      lastLines: [...said, ...load.output.lines].slice(-20),
    },
  );
}

/** Unloads what is loaded of other packages, where that is allowed; gives what keeps it from that. */
async function unload(load: VendorLoad, others: Set<string>): Promise<InUseError | undefined> {
  const { replace, output, stop } = load;
  if (others.size > 0 && replace === 'never') {
    throw new OtherLoadedError(`Other drivers are loaded: ${[...others].join(', ')}.`, {
      hint: 'Approve that they are replaced, or reboot the node: after that it loads the ones that it shall have.',
    });
  }
  if (others.size > 0 && replace === 'drain') await writeFile(INTERFACE, 'drain').catch(() => {});
  const loaded = await loadedNow();
  for (const name of MODULES.toReversed().filter((each) => loaded.includes(each))) {
    output.clear();
    const end = await runChild({ file: 'rmmod', args: [name] }, { signal: stop, output });
    if (end.how === 'aborted') throw new LoadStoppedError();
    if (!isWell(end)) {
      return new InUseError(`The loaded ${name} cannot be unloaded: rmmod ended with ${describeEnd(end)}.`, {
        hint: 'Unmount WEKA’s file systems on this node and stop its containers; lsmod tells how often it is used.',
        lastLines: output.lines,
      });
    }
    others.delete(name);
  }
  return undefined;
}

/** Throws where there is no command; gives whether it can tell if drivers are loaded. */
async function expectCommand(load: VendorLoad): Promise<boolean> {
  const end = await weka(load, ['--help']);
  if (!isWell(end)) {
    throw new NoVendorCommandError(
      end.how === 'missing'
        ? 'This image has no weka command, which installs the vendor’s packages.'
        : `weka driver --help ended with ${describeEnd(end)}.`,
      { hint: 'Use the image of WEKA, or set driversLoaderImage to one.', lastLines: load.output.lines },
    );
  }
  return load.output.lines.some((line) => /\bready\b/.test(line));
}

async function weka({ output, stop }: VendorLoad, args: readonly string[]): Promise<ChildEnd> {
  output.clear();
  const late = AbortSignal.timeout(COMMAND_MS);
  const signal = AbortSignal.any([stop, late]);
  const end = await runChild(
    { file: 'weka', args: ['driver', ...args] },
    { signal, output, killGraceMs: KILL_GRACE_MS },
  );
  if (end.how !== 'aborted') return end;
  if (stop.aborted) throw new LoadStoppedError();
  throw new LoadTimeoutError(
    `weka driver ${args[0] ?? ''} did not end within ${COMMAND_MS / 1000} seconds.`,
    {
      hint: 'Look at the kernel’s log of the node: a module may hang while it is loaded.',
      lastLines: output.lines,
    },
  );
}

function isWell(end: ChildEnd): boolean {
  return end.how === 'exited' && end.exitCode === 0;
}

/** Which of WEKA's modules the kernel has. */
async function loadedNow(): Promise<readonly string[]> {
  const names = (await readFile('/proc/modules', 'utf8')).split('\n').map((line) => line.split(' ')[0] ?? '');
  return MODULES.filter((name) => names.includes(name));
}
