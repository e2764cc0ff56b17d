import { isKnown } from '../../schemas/node/observed.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriversIntent } from '../../schemas/node/drivers.ts';
import { describeEnd } from '../build/run-child.ts';
import { vendorOptions } from '../build/vendor-command.ts';
import type { Host } from '../host/host.ts';
import type { LoadedDriver } from '../plan/driver-facts.ts';
import { StepFailedError } from '../plan/fault.ts';
import type { PackageModule } from '../plan/package-module.ts';
import { makeRoom } from '../plan/replace-modules.ts';
import type { Time } from '../time.ts';
import { boundedCommand, type CommandRun } from './bounded-command.ts';
import { InUseError, LoadStoppedError, OtherLoadedError, VendorInstallError } from './errors.ts';
import { described, isOf, MODULES, ofWeka, readFacts, readUsers, whyNotTaken } from './loaded-modules.ts';
import { expectOnlyPackage, onlyPackage } from './only-package.ts';
import { expectCommand, isWell, weka } from './weka-driver.ts';

const INTERFACE = '/proc/wekafs/interface';

export interface VendorLoad extends CommandRun {
  readonly package: DriverPackage;
  /** Its version as the vendor's command has it. */
  readonly release: string;
  /** What its modules say of themselves; undefined where they cannot be looked at. */
  readonly modules?: readonly PackageModule[] | undefined;
  /** Where the command looks for packages, with the verified one in it. */
  readonly folder: string;
  readonly host: Host;
  readonly replace: DriversIntent['replace'];
  /**
   * Is asked before others may go: whether there is a package to go back to where this one does not load. Throws where they are not to
   * go, whatever `replace` says.
   */
  readonly wayBack: (others: readonly LoadedDriver[]) => Promise<boolean>;
  /** How long attempts are made, and how long each waits for the next. */
  readonly withinMs: number;
  readonly everyMs: number;
  readonly time: Time;
}

/**
 * Has the vendor's command load a package that is in its folder of drivers, and sees that the kernel has it then. What it unloads of
 * other packages is put into `gone`, whether it ends well or not.
 */
export async function vendorLoad(load: VendorLoad, gone: LoadedDriver[]): Promise<void> {
  const canTell = await expectCommand(load);
  const options = vendorOptions(load.release, load.package.buildId);
  const isReady = async () => isWell(await weka(load, ['ready', ...options]));
  const before = await loadedNow(load);
  const isAll = before.length === MODULES.length && before.every((each) => isOurs(load, each) !== false);
  const isTold = before.every((each) => isOurs(load, each) === true);
  if (
    isAll &&
    (canTell ? await isReady() : isTold || before.every(({ version }) => version === load.release))
  )
    return;
  // Of what is of no other package, an attempt before has left it behind.
  const others = new Map(
    before.filter((each) => isAll || isOurs(load, each) !== true).map((each) => [each.name, each]),
  );
  await expectTaken(load, others.size > 0);
  const hasWayBack = others.size > 0 && (await load.wayBack([...others.values()]));
  const began = load.time.now();
  for (;;) {
    const why =
      (await unload(load, others, gone, hasWayBack)) ??
      (await install(load, options, canTell ? isReady : async () => true));
    if (why === undefined) return;
    if (load.time.now() + load.everyMs - began > load.withinMs) throw why;
    await load.time.sleep(load.everyMs, load.stop);
    if (load.stop.aborted) throw new LoadStoppedError();
  }
}

function isOurs({ modules }: VendorLoad, loaded: LoadedDriver): boolean | undefined {
  return isOf(modules, loaded);
}

/** Throws where the kernel would not take the package, before anything goes for it. */
async function expectTaken(load: VendorLoad, mustReplace: boolean): Promise<void> {
  const { package: wanted, modules, host, replace } = load;
  if (modules === undefined) return;
  const facts = await readFacts(host, modules);
  const fault = whyNotTaken(wanted, modules, facts, mustReplace && replace !== 'never');
  if (fault !== undefined) throw new StepFailedError(fault);
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
  const loaded = await loadedNow(load);
  const missing = MODULES.filter((name) => !loaded.some((each) => each.name === name));
  if (missing.length > 0) {
    return new VendorInstallError(
      `weka driver install ended well, and the kernel does not have ${missing.join(' and ')}.`,
      { hint: 'Look at the kernel’s log of the node.', lastLines: said },
    );
  }
  const other = loaded.find((each) => isOurs(load, each) === false);
  if (other !== undefined) {
    return new VendorInstallError(
      `weka driver install ended well, and the kernel has another ${described(other)} than that of the verified ${load.package.file}.`,
      {
        hint: 'Use an image of WEKA whose command installs from /opt/weka/dist/drivers what is there.',
        lastLines: said,
      },
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
  hasWayBack: boolean,
): Promise<InUseError | undefined> {
  const { replace, host } = load;
  if (others.size > 0 && replace === 'never') {
    throw new OtherLoadedError(`Other drivers are loaded: ${[...others.keys()].join(', ')}.`, {
      hint: 'Approve that they are replaced, or reboot the node: after that it loads the ones that it shall have.',
    });
  }
  if (others.size > 0 && replace === 'drain') {
    // By another process, since the kernel may keep the one that writes.
    await boundedCommand(load, ['sh', '-c', 'printf "drain\\n" 1<>"$1"', 'sh', INTERFACE]);
  }
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
      hasWayBack,
      // It was told just now.
      drainInMs: 1,
    });
    if ('hold' in room) {
      const { message, hint, users = [] } = room.hold;
      return new InUseError(message, { hint, lastLines: users.slice(0, 20) });
    }
    const goes = loaded.find(({ name }) => room.step.do === 'unload' && name === room.step.module);
    if (goes === undefined) return new InUseError('It cannot be told which module can be unloaded.');
    const end = await boundedCommand(load, ['rmmod', goes.name]);
    if (!isWell(end)) {
      return new InUseError(
        `The loaded ${goes.name} cannot be unloaded: rmmod ended with ${describeEnd(end)}.`,
        {
          hint: 'Unmount WEKA’s file systems on this node and stop its containers; explain node/NAME tells who uses them.',
          lastLines: load.output.lines,
        },
      );
    }
    if (others.delete(goes.name)) gone.push(goes);
  }
}

/** Which of WEKA's modules the kernel has. */
async function loadedNow({ host, modules }: VendorLoad): Promise<readonly LoadedDriver[]> {
  const { modules: loaded } = await readFacts(host, modules);
  if (isKnown(loaded)) return ofWeka(loaded);
  throw new InUseError(`It cannot be told which modules are loaded: ${loaded.unknown}`);
}
