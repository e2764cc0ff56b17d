import type { LoadedDriver } from './driver-facts.ts';
import type { PackageModule } from './package-module.ts';

/**
 * Modules that WEKA brings along and that have versions of their own. A package has them built anew, and they are left where they are as
 * long as their version and sources are the same, as the vendor's own command does: a network card may hang on them.
 */
const BROUGHT_ALONG: ReadonlySet<string> = new Set(['igb_uio', 'mpin_user', 'uio_pci_generic']);

/** Whether the kernel may tell nothing of a module, once it is loaded, that could be compared. */
export function isSilent({ version, srcversion }: PackageModule): boolean {
  return version === undefined && srcversion === undefined;
}

/**
 * Whether a loaded module is that of a package. A build's own id tells the most; where one of the two has none, what both say of
 * their sources and version has to be the same. Undefined where they say nothing that could be compared.
 */
export function isSameModule(module: PackageModule, loaded: LoadedDriver): boolean | undefined {
  const pairs = [
    [module.srcversion, loaded.srcversion],
    [module.version, loaded.version],
  ].filter(([one, other]) => one !== undefined && other !== undefined);
  const isSame = pairs.every(([one, other]) => one === other);
  if (BROUGHT_ALONG.has(module.name) && pairs.length === 2) return isSame;
  if (module.buildId !== undefined && loaded.buildId !== undefined) return module.buildId === loaded.buildId;
  return pairs.length === 0 ? undefined : isSame;
}
