import { writeFile } from 'node:fs/promises';
import { isKnown } from '../../schemas/node/observed.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../schemas/node/drivers.ts';
import type { LastLines } from '../build/last-lines.ts';
import { type ChildEnd, describeEnd, runChild } from '../build/run-child.ts';
import { vendorOptions, vendorVersion } from '../build/vendor-command.ts';
import type { Host } from '../host/host.ts';
import type { LoadedDriver } from '../plan/driver-facts.ts';
import { makeRoom } from '../plan/replace-modules.ts';
import type { Time } from '../time.ts';
import {
  InUseError,
  LoadStoppedError,
  LoadTimeoutError,
  NoVendorCommandError,
  OtherLoadedError,
  VendorInstallError,
} from './errors.ts';
import { described, MODULES, readLoaded, readUsers } from './loaded-modules.ts';
import { expectOnlyPackage, onlyPackage } from './only-package.ts';

const INTERFACE = '/proc/wekafs/interface';

/** One command gets so long: what it loads may have to be set up. */
const COMMAND_MS = 120_000;

/** A command that is told to end may be amid loading; it gets so long. */
const KILL_GRACE_MS = 10_000;

export interface VendorLoad {
  readonly package: DriverPackage;
  /** Where the command looks for packages, with the verified one in it. */
  readonly folder: string;
  readonly host: Host;
  readonly env: NodeJS.ProcessEnv;
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
  const before = await loadedNow(load);
  const isAll = before.length === MODULES.length;
  if (isAll && (canTell ? await isReady() : before.every((each) => each.version === version))) return;
  // Of these nobody knows here whose they are; what an attempt leaves behind is ours.
  const others = new Map(before.map((each) => [each.name, each]));
  const gone: LoadedDriver[] = [];
  const began = load.time.now();
  for (;;) {
    const why =
      (await unload(load, others, gone)) ??
      (await install(load, options, canTell ? isReady : async () => true));
    if (why === undefined) return;
    if (load.time.now() + load.everyMs - began > load.withinMs) throw withLoss(why, gone);
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
  await onlyPackage(load.folder, load.package);
  await expectOnlyPackage(load.folder, load.package);
  const end = await weka(load, ['install', ...options]);
  const said = [...load.output.lines];
  if (!isWell(end)) {
    return new VendorInstallError(`weka driver install ended with ${describeEnd(end)}.`, {
      hint: 'Look at its last lines and the kernel’s log: where only signed modules are loaded, these have to be signed.',
      lastLines: said,
    });
  }
  // The command might have got another package by itself.
  await expectOnlyPackage(load.folder, load.package);
  const loaded = (await loadedNow(load)).map(({ name }) => name);
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

/**
 * Unloads what is loaded of other packages, where that is allowed; gives what keeps it from that. Nothing goes before all of it is
 * free: a node with half of its drivers has none. What went is put into `gone`.
 */
async function unload(
  load: VendorLoad,
  others: Map<string, LoadedDriver>,
  gone: LoadedDriver[],
): Promise<InUseError | undefined> {
  const { replace, output, stop, host, env } = load;
  if (others.size > 0 && replace === 'never') {
    throw new OtherLoadedError(`Other drivers are loaded: ${[...others.keys()].join(', ')}.`, {
      hint: 'Approve that they are replaced, or reboot the node: after that it loads the ones that it shall have.',
    });
  }
  if (others.size > 0 && replace === 'drain') await writeFile(INTERFACE, 'drain').catch(() => {});
  for (;;) {
    const loaded = await loadedNow(load);
    if (loaded.length === 0) return undefined;
    const users = await readUsers(host, loaded);
    // What was told to let go may have its file open still; whether it holds a module is told by the kernel's own count.
    const held = new Set(
      loaded.filter(({ holds, usedBy }) => !isKnown(holds) || holds > usedBy.length).map(({ name }) => name),
    );
    const room = makeRoom({
      package: load.package,
      others: loaded,
      loaded,
      family: new Set(MODULES),
      users: replace === 'drain' ? users.filter(({ module }) => held.has(module)) : users,
      replace: replace === 'never' ? 'unused' : replace,
      hasWayBack: false,
      // It was told just now.
      drainInMs: 1,
    });
    if ('hold' in room) {
      const { message, hint, users = [] } = room.hold;
      return new InUseError(message, { hint, lastLines: users.slice(0, 20) });
    }
    const goes = loaded.find(({ name }) => room.step.do === 'unload' && name === room.step.module);
    if (goes === undefined) return new InUseError('It cannot be told which module can be unloaded.');
    output.clear();
    const end = await runChild({ file: 'rmmod', args: [goes.name], env }, { signal: stop, output });
    if (end.how === 'aborted') throw new LoadStoppedError();
    if (!isWell(end)) {
      return new InUseError(
        `The loaded ${goes.name} cannot be unloaded: rmmod ended with ${describeEnd(end)}.`,
        {
          hint: 'Unmount WEKA’s file systems on this node and stop its containers; explain node/NAME tells who uses them.',
          lastLines: output.lines,
        },
      );
    }
    if (others.delete(goes.name)) gone.push(goes);
  }
}

/** A failure, with what was there before and does not come back: the package of it is not in this pod. */
function withLoss(why: InUseError | VendorInstallError, gone: readonly LoadedDriver[]) {
  if (gone.length === 0) return why;
  const lost = gone.map(described).join(' and ');
  const Same = why.constructor as typeof InUseError | typeof VendorInstallError;
  return new Same(
    `${why.message} ${lost} ${gone.length === 1 ? 'was' : 'were'} unloaded before, and this pod has no package to load ${gone.length === 1 ? 'it' : 'them'} again.`,
    {
      hint: 'Commit the version of before, which is loaded then; or mend what the last lines and the kernel’s log of the node tell.',
      lastLines: why.lastLines,
    },
  );
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

async function weka({ output, stop, env }: VendorLoad, args: readonly string[]): Promise<ChildEnd> {
  output.clear();
  const late = AbortSignal.timeout(COMMAND_MS);
  const signal = AbortSignal.any([stop, late]);
  const end = await runChild(
    { file: 'weka', args: ['driver', ...args], env },
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
async function loadedNow({ host }: VendorLoad): Promise<readonly LoadedDriver[]> {
  const loaded = await readLoaded(host);
  if (isKnown(loaded)) return loaded;
  throw new InUseError(`It cannot be told which modules are loaded: ${loaded.unknown}`);
}
