import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import type { DriverReport } from '../nodes/driver-report.ts';
import { wekaModules } from '../preflight/weka-modules.ts';
import type { LiveWork } from './works.ts';

/** What a node has loaded that would have to go. */
export interface Replaced {
  readonly replaces: boolean;
  /** The version that is loaded, and the SHA-256 of its package; absent where nobody knows. */
  readonly from?: string;
  readonly sha256?: string;
}

const NOTHING: Replaced = { replaces: false };

/**
 * Whether modules that are loaded on a node are others than those of a package. Of modules that somebody else has loaded this is
 * known once the agent has compared them; until then they stay, since an intent replaces nothing unless it says so.
 */
export function replacedModules(
  { observed, drivers }: Pick<DriverReport, 'observed' | 'drivers'>,
  about: DriverPackage,
  loads: readonly LiveWork[],
): Replaced {
  const loaded = loadedDrivers({ observed, drivers }, loads);
  if (loaded !== undefined) {
    return loaded.sha256 === about.sha256
      ? NOTHING
      : { replaces: true, from: loaded.version, sha256: loaded.sha256 };
  }
  const isAnswer = drivers?.wanted?.sha256 === about.sha256;
  const others = isAnswer && drivers.modules.some(({ state }) => state === 'other');
  if (!others) return NOTHING;
  const version = versionOf(observed);
  return { replaces: true, ...(version === undefined ? {} : { from: version }) };
}

/** What a node has loaded by us in the boot that runs, whoever did it; undefined where nobody knows. */
export function loadedDrivers(
  { observed, drivers }: Pick<DriverReport, 'observed' | 'drivers'>,
  loads: readonly LiveWork[],
): { readonly sha256: string; readonly version: string } | undefined {
  return drivers?.loaded ?? loadedByPod(observed, loads);
}

/** What the vendor's command has loaded in the boot that runs. */
function loadedByPod(
  { bootId }: DriverReport['observed'],
  loads: readonly LiveWork[],
): { readonly sha256: string; readonly version: string } | undefined {
  for (const { result } of loads) {
    if (result?.result === 'loaded' && isKnown(bootId) && result.bootId === bootId) return result.package;
  }
  return undefined;
}

/** What WEKA's main module says that its version is. */
function versionOf(observed: DriverReport['observed']): string | undefined {
  const modules = wekaModules(observed);
  if (!isKnown(modules)) return undefined;
  const version = modules.find(({ name }) => name === 'wekafsio')?.version;
  return typeof version === 'string' ? version : undefined;
}
