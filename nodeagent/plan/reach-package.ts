import { isSilent } from './compare-module.ts';
import type { LoadedDriver } from './driver-facts.ts';
import { type DriversState, modulesOf, ownModules, withInserted, withLoaded } from './drivers-state.ts';
import type { Fault } from './fault.ts';
import { havePackage } from './have-package.ts';
import { tidied } from './housekeeping.ts';
import { loadOrder, neededOfKernel } from './load-order.ts';
import { modulesFor, whyRefused } from './load-policy.ts';
import { type ModuleState, moduleStates } from './module-states.ts';
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
import { wayBack } from './way-back.ts';

/** What says that trying again will not help. */
const FINAL: ReadonlySet<string> = new Set(['LOAD_FAILED', 'KEY_REJECTED', 'VERMAGIC']);

/** What is next until all modules of a package are loaded, and nothing but these. */
export function reachPackage(input: DriverInput, goal: Goal, running: Running): Way {
  const { facts, cache, state } = input;
  const { sha256 } = goal.package;
  const cached = cache.get(sha256);
  const modules = modulesOf(state, cache, sha256);
  const known = modules && loadOrder(modulesFor(facts, modules));
  const states =
    known === undefined
      ? []
      : moduleStates(known, loadedModules(input), ownModules(state, sha256, running.bootId));
  if (known !== undefined && known.length > 0 && states.every((each) => each.state === 'loaded'))
    return arrived(input, goal, modules ?? [], running);

  if (cached === undefined)
    return havePackage(input, goal, `it is asked for by ${state.wanted?.owner ?? 'nobody'}`);
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

  // The kernel would wait for one that is just coming, and then take it for a failure of those that need it.
  const first = states.find((each) => each.state !== 'loaded');
  if (first === undefined || first.state === 'moving' || isMoving(input, first.module.depends))
    return { waitMs: LOOK_AGAIN_MS };
  const next = first.module;
  const before = neededBefore(input, next.depends);
  if (before !== undefined) return loading(input, goal, { ...before, why: `${next.name} needs it` }, running);
  if (!cached.isUnpacked) {
    return attempt(input, unpacking(goal, 'modules are loaded only from what was just verified'));
  }
  const isWanted = isAskedFor(state, sha256);
  const why = isWanted
    ? `${goal.package.version} is asked for`
    : `the node had ${goal.package.version} before`;
  return (
    insertion(input, states, running) ??
    loading(input, goal, { do: 'load', sha256, module: next, why }, running)
  );
}

/** What is written down before modules are loaded of which the kernel will tell nothing: else they would be taken for somebody else's. */
function insertion(input: DriverInput, states: readonly ModuleState[], { bootId }: Running): Way | undefined {
  const { state } = input;
  const missing = states.filter((each) => each.state === 'missing').map(({ module }) => module);
  const silent = missing.filter(isSilent);
  const { bootId: boot, modules = [] } = state.inserted ?? {};
  const isWritten = silent.every(
    ({ name, sha256 }) =>
      boot === bootId && modules.some((each) => each.name === name && each.sha256 === sha256),
  );
  if (isWritten) return undefined;
  const there = new Set(loadedModules(input).map(({ name }) => name));
  return attempt(input, {
    do: 'remember',
    state: withInserted(state, bootId, silent, there),
    why: 'the kernel tells nothing of such modules by which they are known once they are loaded',
  });
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
      ...havePackage(input, { package: goal, from }, 'it is loaded, and has to be there for the next boot'),
    };
  }
  const beside = wantedBeside(input);
  if (beside !== undefined) return { isThere, step: beside };
  return tidied(input, { isThere });
}

function replaced(input: DriverInput, goal: Goal, others: readonly LoadedDriver[], running: Running): Way {
  const { facts, cache, state, drainInMs } = input;
  // What the node may have to go back to has to be whole before anything of it goes.
  const back = wayBack(input, goal, others, running);
  if ('way' in back) return back.way;
  const hasWayBack = back.to !== undefined;
  if (state.lost === true && !hasWayBack && goal.replace !== 'never')
    return { hold: unknownBefore(goal.package.version) };
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
    hasWayBack,
  });
  if ('hold' in way) {
    // Where they cannot be told to let go, that is what holds it up.
    const { code, message } = input.failures.get('drain') ?? way.hold;
    return { waitMs: LOOK_AGAIN_MS, ...way, hold: { ...way.hold, code, message } };
  }
  if (cache.get(goal.package.sha256)?.isUnpacked === false) {
    return attempt(input, unpacking(goal, 'the node is to be without drivers for as short as can be'));
  }
  return { ...(keptBack(input) ?? attempt(input, way.step)), note: way.note };
}

/** Nobody knows what the node had, though its package may well be on the disk: it is not given up for one that may not load. */
function unknownBefore(version: string): Fault {
  return {
    state: 'failed',
    code: 'NO_WAY_BACK',
    message: `What the agent wrote down could not be read, so that it does not know what to go back to where ${version} does not load.`,
    hint: `Reboot the node: after a boot ${version} is loaded with nothing to replace.`,
  };
}

/** A module that would not go. Nothing else goes before that may be tried again: the node needs all of them until then. */
function keptBack({ failures, ...input }: DriverInput): Way | undefined {
  for (const { name } of loadedModules(input)) {
    const failure = failures.get(`unload ${name}`);
    if (failure === undefined || failure.dueInMs <= 0) continue;
    const { dueInMs, ...hold } = failure;
    return { hold, waitMs: dueInMs };
  }
  return undefined;
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

/** Whether a module that has to be there before such a one is just coming or going. */
function isMoving(input: DriverInput, depends: readonly string[]): boolean {
  const { kernelParts } = input.facts;
  const needed = new Set(
    neededOfKernel([{ depends }]).flatMap((name) => {
      const part = kernelParts.get(name);
      return [name, ...(part?.state === 'file' ? part.files.map((file) => file.name) : [])];
    }),
  );
  return loadedModules(input).some(({ name, state }) => state !== 'live' && needed.has(name));
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

/** Whether a package is asked for, be it for a kernel that was not booted when it was. */
function isAskedFor({ wanted }: DriversState, sha256: string): boolean {
  return wanted?.package.sha256 === sha256 || wanted?.next?.package.sha256 === sha256;
}
