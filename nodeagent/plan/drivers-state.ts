import * as z from 'zod';
import { DriverPackage, Sha256 } from '../../schemas/drivers/package.ts';
import { DRIVER_CODES, type DriverCode } from '../../schemas/node/driver-codes.ts';
import { DriversIntent } from '../../schemas/node/drivers.ts';
import { list } from '../../schemas/node/list.ts';
import { type Observed, text } from '../../schemas/node/observed.ts';
import type { NodeIntent } from '../../schemas/node-intent.ts';
import type { CachedPackage } from './driver-facts.ts';
import { type PackageModule, PackageModules } from './package-module.ts';

/** A package that was loaded as a whole, in which boot, and what its modules said of themselves. */
export const LoadedPackage = z.object({ package: DriverPackage, bootId: text(64), modules: PackageModules });
export type LoadedPackage = z.infer<typeof LoadedPackage>;

/** So many packages are kept: what is loaded, and what it may have to go back to. */
export const MOST_KEPT = 3;

/** A module that says nothing of itself is told by this from another of its name. */
const InsertedModule = z.object({
  name: text(128),
  sha256: Sha256.describe('SHA-256 of its file.'),
});

const MOST_INSERTED = 256;

/** What an agent has to know when it starts again, be the API server there or not. */
export const DriversState = z.object({
  schemaVersion: z.literal(1),
  generation: z.int().min(0).describe('Highest generation of an intent that was gone by.'),
  wanted: DriversIntent.optional().describe('What that intent asked for.'),
  good: list(LoadedPackage, MOST_KEPT).describe('Packages that were loaded as a whole, the latest first.'),
  inserted: z
    .object({ bootId: text(64), modules: list(InsertedModule, MOST_INSERTED) })
    .optional()
    .describe(
      'Modules that this agent loaded, or was about to, in that boot: those of which the kernel tells nothing that could be compared.',
    ),
  lost: z
    .literal(true)
    .optional()
    .describe('What was written down before could not be read, and nothing was loaded as a whole since.'),
  failed: z
    .object({
      sha256: Sha256,
      generation: z.int().min(0),
      bootId: text(64),
      code: text(64).refine((code): code is DriverCode => Object.hasOwn(DRIVER_CODES, code)),
      message: text(400),
      hint: text(400).optional(),
      module: text(128).optional(),
    })
    .optional()
    .describe(
      'What was asked for and did not load, so that the node went back; tried again for another intent or boot.',
    ),
});
export type DriversState = z.infer<typeof DriversState>;

export const NO_STATE: DriversState = { schemaVersion: 1, generation: 0, good: [] };

/**
 * The state once an intent is known. One of a lower generation than was gone by before changes nothing: it is from a copy of the
 * cluster's past.
 */
export function withIntent(state: DriversState, intent: NodeIntent | undefined): DriversState {
  if (intent === undefined || intent.generation < state.generation) return state;
  const { generation, drivers } = intent;
  if (generation === state.generation && JSON.stringify(drivers) === JSON.stringify(state.wanted))
    return state;
  const { wanted: _, ...rest } = state;
  return { ...rest, generation, ...(drivers === undefined ? {} : { wanted: drivers }) };
}

/** The state once a package is loaded as a whole. */
export function withLoaded(state: DriversState, loaded: LoadedPackage): DriversState {
  const others = state.good.filter((each) => each.package.sha256 !== loaded.package.sha256);
  const { lost: _, ...rest } = state;
  return { ...rest, good: [loaded, ...others].slice(0, MOST_KEPT) };
}

/** The state before such modules are loaded. Of those that were before, what is said of the ones that are `kept` stays. */
export function withInserted(
  state: DriversState,
  bootId: string,
  modules: readonly PackageModule[],
  kept: ReadonlySet<string>,
): DriversState {
  const coming = modules.map(({ name, sha256 }) => ({ name, sha256 }));
  const names = new Set(coming.map(({ name }) => name));
  const before = state.inserted?.bootId === bootId ? state.inserted.modules : [];
  const staying = before.filter(({ name }) => kept.has(name) && !names.has(name));
  return { ...state, inserted: { bootId, modules: [...coming, ...staying].slice(0, MOST_INSERTED) } };
}

/**
 * Whether a module of that name is the package's by what was written down in this boot, which decides where the kernel tells nothing of
 * it that could be compared.
 */
export function ownModules(
  { good, inserted }: DriversState,
  packageSha256: string,
  bootId: Observed<string>,
): (module: PackageModule) => boolean {
  const isLoaded = good[0]?.package.sha256 === packageSha256 && good[0].bootId === bootId;
  const modules = inserted?.bootId === bootId ? inserted.modules : [];
  return ({ name, sha256 }) => {
    const known = modules.find((each) => each.name === name);
    return known === undefined ? isLoaded : known.sha256 === sha256;
  };
}

/** The modules of a package, where it was ever unpacked on this node: the package itself may be gone. */
export function modulesOf(
  { good }: DriversState,
  cache: ReadonlyMap<string, CachedPackage>,
  sha256: string,
): readonly PackageModule[] | undefined {
  return cache.get(sha256)?.modules ?? good.find((each) => each.package.sha256 === sha256)?.modules;
}
