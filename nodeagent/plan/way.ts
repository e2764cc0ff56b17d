import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriverSource, DriversIntent } from '../../schemas/node/drivers.ts';
import type { Kernel } from '../../schemas/node/kernel.ts';
import type { NodeIntent } from '../../schemas/node-intent.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import type { CachedPackage, DriverFacts, LoadedDriver } from './driver-facts.ts';
import type { DriversState } from './drivers-state.ts';
import type { Failure, Fault } from './fault.ts';
import { type Step, stepKey } from './step.ts';

export interface DriverInput {
  /** The latest intent that the cluster told of, if any in the life of this process. */
  readonly intent?: NodeIntent | undefined;
  readonly state: DriversState;
  readonly facts: DriverFacts;
  /** By SHA-256. */
  readonly cache: ReadonlyMap<string, CachedPackage>;
  /** Steps that failed and were not done since, by key. */
  readonly failures: ReadonlyMap<string, Failure>;
  /** How long what was told to let go has until it is told again. */
  readonly drainInMs: number;
}

/** Where the node is: the same for all that is decided in one look. */
export interface Running {
  readonly kernel: Kernel;
  readonly bootId: string;
}

/** A package that is to be loaded, where it can be had, and what may become of others. */
export interface Goal {
  readonly package: DriverPackage;
  readonly from: readonly DriverSource[];
  readonly replace: DriversIntent['replace'];
}

/** What is next on the way to a goal, or what is in the way. */
export interface Way {
  readonly step?: Step | undefined;
  readonly hold?: Fault | undefined;
  /** What a person is to know while it goes on, in one sentence. */
  readonly note?: string | undefined;
  /** How long to wait at most where there is nothing to do now. */
  readonly waitMs?: number | undefined;
  /** Whether to look what uses the modules, and to plan again. */
  readonly needsUsers?: boolean | undefined;
  /** Whether the modules of the package are all loaded. */
  readonly isThere?: boolean;
}

/** A step, unless it failed and has to wait. What held it up is told until it has succeeded. */
export function attempt({ failures }: Pick<DriverInput, 'failures'>, step: Step): Way {
  const failure = failures.get(stepKey(step));
  if (failure === undefined) return { step };
  const { dueInMs, ...hold } = failure;
  return dueInMs > 0 ? { hold, waitMs: dueInMs } : { hold, step };
}

export function verification({ sha256, bytes }: DriverPackage, why: string): Step {
  return { do: 'verify', sha256, bytes, why };
}

export function loadedModules({ facts }: Pick<DriverInput, 'facts'>): readonly LoadedDriver[] {
  return isKnown(facts.modules) ? facts.modules : [];
}

export function fits(
  each: DriverPackage,
  { kernel: { release, architecture } }: Pick<Running, 'kernel'>,
): boolean {
  return each.kernel === release && each.architecture === architecture;
}

/** A package of the cache that was loaded before and is for this kernel. */
export function spareOf(
  { state, cache, failures }: DriverInput,
  running: Running,
  suits: (each: DriverPackage) => boolean,
): DriverPackage | undefined {
  return state.good
    .map((each) => each.package)
    .find(
      (each) =>
        fits(each, running) &&
        suits(each) &&
        cache.has(each.sha256) &&
        !failures.has(`unpack ${each.sha256}`),
    );
}
