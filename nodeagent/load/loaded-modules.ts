import { unknown } from '../../schemas/node/observed.ts';
import type { Host } from '../host/host.ts';
import { readDriverFacts } from '../host/read-driver-facts.ts';
import { readModuleUsers } from '../host/read-module-users.ts';
import { isSameModule } from '../plan/compare-module.ts';
import type { DriverFacts, LoadedDriver, ModuleUser } from '../plan/driver-facts.ts';
import type { Fault } from '../plan/fault.ts';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import { modulesFor, whyRefused } from '../plan/load-policy.ts';
import { neededOfKernel } from '../plan/load-order.ts';
import type { PackageModule } from '../plan/package-module.ts';

/** What has to be loaded once the vendor's command says that it is, each before what needs it. */
export const MODULES = ['wekafsgw', 'wekafsio'];

/** What the node says of its kernel, and of the modules in it. */
export async function readFacts(
  host: Host,
  modules: readonly PackageModule[] | undefined,
): Promise<DriverFacts> {
  return await readDriverFacts(host, {
    modules: new Set([...MODULES, ...(modules ?? []).map(({ name }) => name)]),
    ofKernel: [],
    readParts: async () => await Promise.resolve(new Map()),
    vermagic: undefined,
    withUsers: false,
    freeBytes: unknown('It was not asked for.'),
  });
}

/** Those of WEKA's modules that are loaded, in the order in which they are. */
export function ofWeka(loaded: readonly LoadedDriver[]): readonly LoadedDriver[] {
  return MODULES.flatMap((name) => loaded.filter((each) => each.name === name));
}

/**
 * Why the kernel would not take the modules of a package, found before anything is unloaded. What they need of the node's kernel is the
 * vendor's command to see to.
 */
export function whyNotTaken(
  wanted: DriverPackage,
  modules: readonly PackageModule[],
  facts: DriverFacts,
  mustReplace: boolean,
): Fault | undefined {
  const kernelParts = new Map(neededOfKernel(modules).map((name) => [name, { state: 'built-in' }] as const));
  const seen = { ...facts, kernelParts };
  return whyRefused(wanted, modulesFor(seen, modules), seen, mustReplace);
}

/** Whether a loaded module is the package's own; undefined where nothing tells. */
export function isOf(
  modules: readonly PackageModule[] | undefined,
  loaded: LoadedDriver,
): boolean | undefined {
  const own = modules?.find(({ name }) => name === loaded.name);
  return own && isSameModule(own, loaded);
}

/** Who else uses them: mounts, and processes as far as this pod sees them. */
export async function readUsers(host: Host, loaded: readonly LoadedDriver[]): Promise<readonly ModuleUser[]> {
  return await readModuleUsers(
    host,
    loaded.map(({ name }) => name),
  );
}

/** `wekafsio 4.4.4`, for sentences. */
export function described({ name, version }: Pick<LoadedDriver, 'name' | 'version'>): string {
  return version === undefined ? name : `${name} ${version}`;
}

/** `wekafsio 4.4.4 and wekafsgw 4.4.4`. */
export function listed(modules: readonly Pick<LoadedDriver, 'name' | 'version'>[]): string {
  return modules.map(described).join(' and ');
}
