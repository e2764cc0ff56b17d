import { isSameModule } from './compare-module.ts';
import type { LoadedDriver } from './driver-facts.ts';
import type { PackageModule } from './package-module.ts';

export interface ModuleState {
  readonly module: PackageModule;
  readonly state: 'loaded' | 'other' | 'missing' | 'moving';
  readonly loaded?: LoadedDriver;
}

/**
 * What there is of each module of a package. `isOurs`: whether the agent loaded this very module in this boot, which decides where
 * the kernel tells nothing of it that could be compared.
 */
export function moduleStates(
  modules: readonly PackageModule[],
  loaded: readonly LoadedDriver[],
  isOurs: (module: PackageModule) => boolean,
): readonly ModuleState[] {
  return modules.map((module) => {
    const found = loaded.find(({ name }) => name === module.name);
    if (found === undefined) return { module, state: 'missing' };
    if (found.state !== 'live') return { module, state: 'moving', loaded: found };
    const isSame = isSameModule(module, found) ?? isOurs(module);
    return { module, state: isSame ? 'loaded' : 'other', loaded: found };
  });
}
