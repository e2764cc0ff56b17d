import type { KernelModule } from '../../../schemas/node/kernel.ts';
import { isKnown, type Observed } from '../../../schemas/node/observed.ts';
import type { NodeReport } from '../../../schemas/node-report.ts';

/** The vendor's modules, as the kernel names them, in the order in which they can be unloaded (weka-operator §3.5). */
const WEKA_MODULES = ['wekafsio', 'wekafsgw', 'mpin_user', 'igb_uio'] as const;

/** Those of them that are loaded. */
export function wekaModules({
  modules,
}: Pick<NodeReport['observed'], 'modules'>): Observed<readonly KernelModule[]> {
  if (!isKnown(modules)) return modules;
  const loaded = new Map(modules.map((module) => [module.name, module]));
  return WEKA_MODULES.flatMap((name) => loaded.get(name) ?? []);
}
