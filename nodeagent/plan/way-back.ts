import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { LoadedDriver } from './driver-facts.ts';
import { modulesOf, ownModules } from './drivers-state.ts';
import type { Fault } from './fault.ts';
import { havePackage } from './have-package.ts';
import { modulesFor } from './load-policy.ts';
import { moduleStates } from './module-states.ts';
import { stepKey } from './step.ts';
import {
  attempt,
  type DriverInput,
  fits,
  type Goal,
  loadedModules,
  type Running,
  spareOf,
  verification,
  type Way,
} from './way.ts';

/** Why a package is fetched or hashed that nobody asks for. */
const WHY = 'the node may have to go back to it';

/**
 * What the node goes back to where a package does not load, once that is on its disk and whole; undefined where there never was any.
 * Before that, what is next to have it so.
 */
export function wayBack(
  input: DriverInput,
  goal: Goal,
  others: readonly LoadedDriver[],
  running: Running,
): { readonly to: DriverPackage | undefined } | { readonly way: Way } {
  const { cache, failures, state } = input;
  const to = spareOf(input, running, ({ sha256 }) => sha256 !== goal.package.sha256);
  if (goal.replace === 'never') return { to };
  const isWanted = state.wanted?.package.sha256 === goal.package.sha256;
  const before = isWanted ? packageOf(input, goal, others, running) : undefined;
  if (before !== undefined && !cache.has(before.sha256)) {
    const way = havePackage(input, { package: before, from: goal.from }, WHY);
    const isTried = failures.has(stepKey({ do: 'download', package: before, from: [], why: WHY }));
    if (way.hold === undefined) return { way };
    // An older one will do.
    if (to === undefined) return { way: { ...way, hold: withoutWayBack(way.hold, before, goal) } };
    if (!isTried && way.step !== undefined) return { way };
  }
  if (to !== undefined && cache.get(to.sha256)?.isVerified === false) {
    return { way: attempt(input, verification(to, WHY)) };
  }
  return { to };
}

/** Whether a part of a package that was loaded in this boot is left, and nothing else has taken the place of the rest. */
export function isHalfGone(input: DriverInput, { sha256 }: DriverPackage, { bootId }: Running): boolean {
  const { facts, cache, state } = input;
  if (state.good[0]?.package.sha256 !== sha256 || state.good[0].bootId !== bootId) return false;
  const modules = modulesFor(facts, modulesOf(state, cache, sha256) ?? []);
  const states = moduleStates(modules, loadedModules(input), ownModules(state, sha256, bootId));
  const is = new Set(states.map((each) => each.state));
  return is.has('missing') && is.has('loaded') && !is.has('other');
}

/** The package of which some of the modules are that would have to go. */
function packageOf(
  { state }: DriverInput,
  { package: goal }: Goal,
  others: readonly LoadedDriver[],
  running: Running,
): DriverPackage | undefined {
  return state.good.find(({ package: each, modules }) => {
    if (!fits(each, running) || each.sha256 === goal.sha256) return false;
    const states = moduleStates(modules, others, ownModules(state, each.sha256, running.bootId));
    return states.some(({ state: is }) => is === 'loaded');
  })?.package;
}

function withoutWayBack({ message }: Fault, { version }: DriverPackage, { package: goal }: Goal): Fault {
  return {
    state: 'failed',
    code: 'NO_WAY_BACK',
    message: `The package of ${version} cannot be had, to go back to where ${goal.version} does not load. ${message}`,
    hint: `Have the service offer ${version} for this kernel again, or reboot the node: after a boot ${goal.version} is loaded with nothing to replace.`,
  };
}
