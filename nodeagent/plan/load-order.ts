import { kernelName } from './driver-facts.ts';
import type { PackageModule } from './package-module.ts';

/** WEKA's own, in the order in which its guides load them; others come after. What a module depends on comes before it all the same. */
const USUAL = ['igb_uio', 'uio_pci_generic', 'mpin_user', 'wekafsgw', 'wekafsio'];

/** The modules in an order in which each comes after those that it depends on. */
export function loadOrder(modules: readonly PackageModule[]): readonly PackageModule[] {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const ordered = new Set<PackageModule>();
  const begun = new Set<PackageModule>();
  const add = (module: PackageModule): void => {
    // In a circle of dependencies none can be loaded first; the kernel will say so.
    if (begun.has(module)) return;
    begun.add(module);
    for (const name of module.depends) {
      const before = byName.get(kernelName(name));
      if (before !== undefined) add(before);
    }
    ordered.add(module);
  };
  modules.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1)).forEach(add);
  return [...ordered];
}

/** What the modules depend on and do not bring: modules of the node's kernel. */
export function neededOfKernel(
  modules: readonly { readonly name?: string; readonly depends: readonly string[] }[],
): readonly string[] {
  const own = new Set(modules.map(({ name }) => name));
  const all = modules.flatMap(({ depends }) => depends.map(kernelName));
  return [...new Set(all)].filter((name) => !own.has(name)).toSorted();
}

function placeOf({ name }: PackageModule): number {
  const at = USUAL.indexOf(name);
  return at === -1 ? USUAL.length : at;
}
