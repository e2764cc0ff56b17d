import type { DriverPackage } from '../../schemas/drivers/package.ts';
import type { DriversState } from './drivers-state.ts';
import { type Step, stepKey } from './step.ts';
import { type DriverInput, verification, type Way } from './way.ts';

/** What nobody needs any more goes, where there is nothing else to do. */
export function tidied(input: DriverInput, way: Way): Way {
  if (way.step !== undefined || way.hold !== undefined) return way;
  const { cache } = input;
  if ([...cache.values()].some(({ isUnpacked }) => isUnpacked)) {
    return {
      ...way,
      ...quietly(input, { do: 'tidy', why: 'it is unpacked again when it is loaded again' }),
    };
  }
  const dropped = unneeded(input);
  return dropped === undefined
    ? way
    : { ...way, ...quietly(input, { do: 'drop', sha256: dropped, why: 'nothing needs it any more' }) };
}

/** A package that may be needed some day. It is better to know now that it is not whole. */
export function unverified({ cache, failures, state }: DriverInput): Step | undefined {
  for (const each of neededPackages(state)) {
    if (cache.get(each.sha256)?.isVerified !== false) continue;
    const step = verification(each, 'it has to be whole when it is needed');
    if (!failures.has(stepKey(step))) return step;
  }
  return undefined;
}

function quietly({ failures }: DriverInput, step: Step): { readonly step?: Step } {
  return failures.has(stepKey(step)) ? {} : { step };
}

/** A package that nothing needs. That is said of none before any intent is known, or where it is lost what the node had. */
export function unneeded({ cache, state }: DriverInput): string | undefined {
  if (state.generation === 0 || state.lost === true) return undefined;
  const kept = new Set(neededPackages(state).map(({ sha256 }) => sha256));
  return [...cache.keys()].find((sha256) => !kept.has(sha256));
}

/** What is asked for, now or once another kernel runs, and what the node may have to go back to. */
function neededPackages({ wanted, good }: DriversState): readonly DriverPackage[] {
  const asked =
    wanted === undefined ? [] : [wanted.package, ...(wanted.next === undefined ? [] : [wanted.next.package])];
  return [...asked, ...good.map((each) => each.package)];
}
