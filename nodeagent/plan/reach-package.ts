import { isKnown } from '../../schemas/node/observed.ts';
import type { LoadedDriver } from './driver-facts.ts';
import { type DriversState, modulesOf, withLoaded } from './drivers-state.ts';
import { tidied, unneeded } from './housekeeping.ts';
import { loadOrder, neededOfKernel } from './load-order.ts';
import { modulesFor, whyRefused } from './load-policy.ts';
import { moduleStates } from './module-states.ts';
import type { PackageModule } from './package-module.ts';
import { LOOK_AGAIN_MS, makeRoom } from './replace-modules.ts';
import { type Step, stepKey } from './step.ts';
import {
  attempt,
  type DriverInput,
  type Goal,
  loadedModules,
  type Running,
  spareOf,
  verification,
  type Way,
} from './way.ts';

/** What says that trying again will not help. */
const FINAL: ReadonlySet<string> = new Set(['LOAD_FAILED', 'KEY_REJECTED', 'VERMAGIC']);

/** What unpacking takes at most beside the package itself, and what a disk should have left. */
const SPARE_BYTES = 64 << 20;

/** What is next until all modules of a package are loaded, and nothing but these. */
export function reachPackage(input: DriverInput, goal: Goal, running: Running): Way {
  const { facts, cache, state } = input;
  const { sha256 } = goal.package;
  const cached = cache.get(sha256);
  const modules = modulesOf(state, cache, sha256);
  const known = modules && loadOrder(modulesFor(facts, modules));
  const states =
    known === undefined ? [] : moduleStates(known, loadedModules(input), loadedBy(state, sha256, running));
  if (known !== undefined && known.length > 0 && states.every((each) => each.state === 'loaded'))
    return arrived(input, goal, modules ?? [], running);

  if (cached === undefined)
    return downloaded(input, goal, `it is asked for by ${state.wanted?.owner ?? 'nobody'}`);
  if (!cached.isVerified)
    return attempt(input, verification(goal.package, 'only what has this digest is loaded'));
  if (known === undefined || cached.modules === undefined)
    return attempt(input, unpacking(goal, 'its modules say what they are for'));

  const others = states.flatMap(({ state: is, loaded }) =>
    is === 'other' && loaded !== undefined ? [loaded] : [],
  );
  const fault = whyRefused(goal.package, known, facts, others.length > 0);
  if (fault !== undefined) return { hold: fault };
  if (others.length > 0) return replaced(input, goal, others, running);

  const next = known.find((_, index) => states[index]?.state === 'missing');
  // One that is just coming or going.
  if (next === undefined) return { waitMs: LOOK_AGAIN_MS };
  const before = neededBefore(input, next.depends);
  if (before !== undefined) return loading(input, goal, { ...before, why: `${next.name} needs it` }, running);
  if (!cached.isUnpacked) {
    return attempt(input, unpacking(goal, 'modules are loaded only from what was just verified'));
  }
  return loading(
    input,
    goal,
    { do: 'load', sha256, module: next, why: `${goal.package.version} is asked for` },
    running,
  );
}

function unpacking({ package: wanted }: Goal, why: string): Step {
  return { do: 'unpack', package: wanted, why };
}

/** All modules of the goal are loaded: what is left is to know so, and to have its package for the next boot. */
function arrived(
  input: DriverInput,
  { package: goal, from }: Goal,
  modules: readonly PackageModule[],
  { bootId }: Running,
): Way {
  const { cache, state } = input;
  const isThere = true;
  const latest = state.good[0];
  const isWanted = state.wanted?.package.sha256 === goal.sha256;
  if (
    latest?.package.sha256 !== goal.sha256 ||
    latest.bootId !== bootId ||
    (isWanted && state.failed !== undefined)
  ) {
    const { failed, ...rest } = withLoaded(state, { package: goal, bootId, modules: [...modules] });
    const next = isWanted || failed === undefined ? rest : { ...rest, failed };
    return {
      isThere,
      step: { do: 'remember', state: next, why: `all modules of ${goal.version} are loaded` },
    };
  }
  if (!cache.has(goal.sha256) && from.length > 0) {
    return {
      isThere,
      ...downloaded(input, { package: goal, from }, 'it is loaded, and has to be there for the next boot'),
    };
  }
  const beside = wantedBeside(input);
  if (beside !== undefined) return { isThere, step: beside };
  return tidied(input, { isThere });
}

function downloaded(
  input: DriverInput,
  { package: wanted, from }: Pick<Goal, 'package' | 'from'>,
  why: string,
): Way {
  const { freeBytes } = input.facts;
  const needed = wanted.bytes + SPARE_BYTES;
  if (!isKnown(freeBytes) || freeBytes >= needed) {
    return attempt(input, { do: 'download', package: wanted, from, why });
  }
  const dropped = unneeded(input);
  if (dropped !== undefined) {
    return attempt(input, { do: 'drop', sha256: dropped, why: 'its place is needed, and nothing needs it' });
  }
  return {
    waitMs: 60_000,
    hold: {
      state: 'failed',
      code: 'NO_SPACE',
      message: `The disk with the packages of the agent has ${mib(freeBytes)} MiB left, and the package takes ${mib(needed)} MiB.`,
      hint: 'Free space on the node where /var/lib/weka-nodeagent is.',
    },
  };
}

function replaced(input: DriverInput, goal: Goal, others: readonly LoadedDriver[], running: Running): Way {
  const { facts, cache, state, drainInMs } = input;
  // What the node may have to go back to has to be whole before anything of it goes.
  const spare = spareOf(input, running, ({ sha256 }) => sha256 !== goal.package.sha256);
  if (goal.replace !== 'never' && spare !== undefined && cache.get(spare.sha256)?.isVerified === false) {
    return attempt(input, verification(spare, 'the node may have to go back to it'));
  }
  if (facts.users === undefined && goal.replace !== 'never') return { needsUsers: true };
  const way = makeRoom({
    ...goal,
    others,
    loaded: loadedModules(input),
    family: new Set(
      [...cache.values(), ...state.good].flatMap(({ modules = [] }) => modules.map(({ name }) => name)),
    ),
    users: facts.users ?? [],
    drainInMs,
  });
  if ('hold' in way) {
    // Where they cannot be told to let go, that is what holds it up.
    const { code, message } = input.failures.get('drain') ?? way.hold;
    return { waitMs: LOOK_AGAIN_MS, ...way, hold: { ...way.hold, code, message } };
  }
  if (cache.get(goal.package.sha256)?.isUnpacked === false) {
    return attempt(input, unpacking(goal, 'the node is to be without drivers for as short as can be'));
  }
  return attempt(input, way.step);
}

/** A module of the package, or one that it needs. Where it does not load and there is what the node had before, it goes back. */
function loading(input: DriverInput, { package: goal }: Goal, step: Step, running: Running): Way {
  const { state, failures } = input;
  const failure = failures.get(stepKey(step));
  const isWanted = state.wanted?.package.sha256 === goal.sha256;
  const spare = spareOf(input, running, ({ sha256 }) => sha256 !== goal.sha256);
  if (failure === undefined || !isWanted || spare === undefined || !FINAL.has(failure.code))
    return attempt(input, step);
  const { code, message, hint, module } = failure;
  const failed = {
    sha256: goal.sha256,
    generation: state.generation,
    bootId: running.bootId,
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(module === undefined ? {} : { module }),
  };
  const why = `${goal.version} does not load, and ${spare.version} did before`;
  return { hold: failure, step: { do: 'remember', state: { ...state, failed }, why } };
}

/** The first module of the node's kernel that has to be there before such a one. */
function neededBefore(
  input: DriverInput,
  depends: readonly string[],
): { do: 'load-of-kernel'; module: string; path: string } | undefined {
  const { kernelParts } = input.facts;
  const loaded = new Set(loadedModules(input).map(({ name }) => name));
  for (const name of neededOfKernel([{ depends }])) {
    const part = kernelParts.get(name);
    if (part?.state !== 'file' || loaded.has(name)) continue;
    const file = part.files.find((each) => !loaded.has(each.name));
    if (file !== undefined) return { do: 'load-of-kernel', module: file.name, path: file.path };
  }
  return undefined;
}

/** Modules of the kernel that WEKA is better off with. That they do not load is no fault. */
function wantedBeside(input: DriverInput): Step | undefined {
  const { facts, failures } = input;
  const names =
    facts.moduleLoading === 'disabled' ? [] : [...(facts.iommu === 'yes' ? ['vfio_pci'] : []), 'arp_tables'];
  for (const name of names) {
    const needed = neededBefore(input, [name]);
    if (needed === undefined) continue;
    const step: Step = { ...needed, why: `WEKA's containers may need ${name}` };
    if (!failures.has(stepKey(step))) return step;
  }
  return undefined;
}

/** Whether this agent loaded that package in this boot. */
function loadedBy({ good }: DriversState, sha256: string, { bootId }: Running): boolean {
  return good[0]?.package.sha256 === sha256 && good[0].bootId === bootId;
}

function mib(bytes: number): number {
  return Math.ceil(bytes / (1 << 20));
}
