import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriversIntent, DriversReport, ModuleResult } from '../../schemas/node/drivers.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import type { CachedPackage, DriverFacts, LoadedDriver } from './driver-facts.ts';
import { type DriversState, modulesOf, ownModules } from './drivers-state.ts';
import type { Fault } from './fault.ts';
import { loadOrder } from './load-order.ts';
import { modulesFor } from './load-policy.ts';
import { moduleStates } from './module-states.ts';

export interface ReportedDrivers {
  readonly wanted: DriversIntent;
  readonly is: Fault | (Partial<Omit<Fault, 'state'>> & { readonly state: DriversReport['state'] });
  readonly facts: DriverFacts;
  readonly cache: ReadonlyMap<string, CachedPackage>;
  readonly state: DriversState;
  readonly loaded: readonly LoadedDriver[];
}

/** What WEKA's own containers look for, where only the vendor's command knows what is in a package. */
const OF_VENDOR = ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'];

/** What a report says of drivers: the same for the same state, however often it was tried. */
export function driversReport(reported: ReportedDrivers): DriversReport {
  const { wanted, is, cache } = reported;
  const { version, sha256, layout } = wanted.package;
  const { state, code, message, hint, users } = is;
  const whole = [wanted.package, ...reported.state.good.map((each) => each.package)].find((each) =>
    isWhole(reported, each),
  );
  return {
    wanted: { version, sha256 },
    state,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message: clip(message) }),
    ...(hint === undefined ? {} : { hint: clip(hint) }),
    ...(users === undefined ? {} : { users: users.slice(0, 64).map((who) => who.slice(0, 256)) }),
    ...(whole === undefined
      ? {}
      : { loaded: { version: whole.version, sha256: whole.sha256, kernel: whole.kernel } }),
    modules: layout === 'vendor' ? ofVendor(reported) : ofPackage(reported),
    cached: [...cache].flatMap(([each, { isVerified }]) => (isVerified ? [each] : [])).toSorted(),
  };
}

/** What a report says where another process has the folder, and so the drivers, of this node. */
export function heldReport({ package: wanted }: DriversIntent, folder: string, by: string): DriversReport {
  return {
    wanted: { version: wanted.version, sha256: wanted.sha256 },
    state: 'waiting',
    code: 'ANOTHER_AGENT',
    message: clip(`Another agent keeps the drivers of this node in ${folder}: ${by}.`),
    hint: 'Let one agent run on each node: look for a second DaemonSet, and for one that was started by hand.',
    modules: [],
    cached: [],
  };
}

/** What somebody waits for; what uses a driver comes and goes by itself. */
export function answerOf(report: DriversReport | undefined): unknown {
  return report && [report.state, report.code, report.wanted, report.loaded];
}

function isWhole(
  { facts, cache, state, loaded }: ReportedDrivers,
  { sha256, layout }: DriverPackage,
): boolean {
  const modules = modulesOf(state, cache, sha256);
  if (layout === 'vendor' || modules === undefined || modules.length === 0) return false;
  const isOurs = ownModules(state, sha256, facts.bootId);
  return moduleStates(modulesFor(facts, modules), loaded, isOurs).every((each) => each.state === 'loaded');
}

function ofPackage({ wanted, is, facts, cache, state, loaded }: ReportedDrivers): ModuleResult[] {
  const { sha256 } = wanted.package;
  const modules = modulesOf(state, cache, sha256);
  if (modules === undefined) return [];
  const isOurs = ownModules(state, sha256, facts.bootId);
  return moduleStates(loadOrder(modulesFor(facts, modules)), loaded, isOurs).map(
    ({ module, state: seen, loaded: found }) => {
      const failed = is.module === module.name && seen === 'missing';
      const told = found ?? module;
      return {
        name: module.name,
        state: failed
          ? is.state === 'refused'
            ? 'refused'
            : 'failed'
          : seen === 'moving'
            ? 'missing'
            : seen,
        ...(told.version === undefined ? {} : { version: told.version }),
        ...(told.srcversion === undefined ? {} : { srcversion: told.srcversion }),
        ...(failed && is.message !== undefined ? { why: clip(is.message) } : {}),
      };
    },
  );
}

function ofVendor({ facts, loaded }: ReportedDrivers): ModuleResult[] {
  if (!isKnown(facts.modules)) return [];
  return OF_VENDOR.map((name) => {
    const found = loaded.find((each) => each.name === name);
    return {
      name,
      state: found?.state === 'live' ? 'loaded' : 'missing',
      ...(found?.version === undefined ? {} : { version: found.version }),
      ...(found?.srcversion === undefined ? {} : { srcversion: found.srcversion }),
    };
  });
}

function clip(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 399)}…`;
}
