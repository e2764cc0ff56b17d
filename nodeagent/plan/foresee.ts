import { isKnown } from '../../schemas/node/observed.ts';
import { planDrivers } from './drivers.ts';
import type { DriverInput } from './way.ts';
import type { CachedPackage, DriverFacts, LoadedDriver } from './driver-facts.ts';
import { type Step, stepKey } from './step.ts';

/** No node has as much to do. */
const MOST_STEPS = 200;

/**
 * The steps that would follow one another if each succeeded. What is in a package that was never unpacked is not known, so that the
 * list ends where that is.
 */
export function foreseen(input: DriverInput): readonly Step[] {
  const steps: Step[] = [];
  for (let now = input; steps.length < MOST_STEPS;) {
    const { step } = planDrivers(now);
    if (step === undefined) break;
    steps.push(step);
    if (
      step.do === 'drain' ||
      (step.do === 'unpack' && now.cache.get(step.package.sha256)?.modules === undefined)
    )
      break;
    now = afterStep(now, step);
  }
  return steps;
}

/** What there is once a step has succeeded, as far as that can be known. */
export function afterStep(input: DriverInput, step: Step): DriverInput {
  const failures = new Map(input.failures);
  failures.delete(stepKey(step));
  const next = { ...input, failures };
  switch (step.do) {
    case 'remember':
      return { ...next, state: step.state };
    case 'download':
      return cached(withoutPart(next, step.package.sha256), step.package.sha256, {
        isVerified: true,
        isUnpacked: false,
      });
    case 'verify':
      return cached(next, step.sha256, { isVerified: true });
    case 'unpack':
      return cached(next, step.package.sha256, { isUnpacked: true });
    case 'load-of-kernel':
      return loadedIn(next, { name: step.module });
    case 'load': {
      const { name, version, srcversion, buildId, depends } = step.module;
      const said = {
        ...(version === undefined ? {} : { version }),
        ...(srcversion === undefined ? {} : { srcversion }),
        ...(buildId === undefined ? {} : { buildId }),
      };
      return loadedIn(next, { name, ...said }, depends);
    }
    case 'drain':
      return { ...next, drainInMs: 60_000 };
    case 'unload':
      return unloadedFrom(next, step.module);
    case 'tidy':
      return {
        ...next,
        cache: new Map([...next.cache].map(([key, each]) => [key, { ...each, isUnpacked: false }])),
      };
    case 'drop':
      return {
        ...withoutPart(next, step.sha256),
        cache: new Map([...next.cache].filter(([key]) => key !== step.sha256)),
      };
  }
}

function withoutPart(input: DriverInput, sha256: string): DriverInput {
  const { partBytes } = input.facts;
  if (partBytes === undefined) return input;
  const left = new Map([...partBytes].filter(([key]) => key !== sha256));
  return { ...input, facts: { ...input.facts, partBytes: left } };
}

function cached(input: DriverInput, sha256: string, is: Partial<CachedPackage>): DriverInput {
  const before = input.cache.get(sha256) ?? { isVerified: false, isUnpacked: false };
  return { ...input, cache: new Map([...input.cache, [sha256, { ...before, ...is }]]) };
}

type Named = Pick<LoadedDriver, 'name'> & Partial<LoadedDriver>;

function loadedIn(input: DriverInput, module: Named, depends: readonly string[] = []): DriverInput {
  const { modules } = input.facts;
  if (!isKnown(modules)) return input;
  const before: readonly LoadedDriver[] = modules;
  const needed = before.map((each) =>
    depends.includes(each.name)
      ? {
          ...each,
          usedBy: [...each.usedBy, module.name],
          holds: isKnown(each.holds) ? each.holds + 1 : each.holds,
        }
      : each,
  );
  return withModules(input, [...needed, { state: 'live', holds: 0, usedBy: [], ...module }]);
}

function unloadedFrom(input: DriverInput, module: string): DriverInput {
  const { modules } = input.facts;
  if (!isKnown(modules)) return input;
  const before: readonly LoadedDriver[] = modules;
  const left = before
    .filter(({ name }) => name !== module)
    .map((each) =>
      each.usedBy.includes(module)
        ? {
            ...each,
            usedBy: each.usedBy.filter((name) => name !== module),
            holds: isKnown(each.holds) ? each.holds - 1 : each.holds,
          }
        : each,
    );
  return withModules(input, left);
}

function withModules(input: DriverInput, modules: readonly LoadedDriver[]): DriverInput {
  const facts: DriverFacts = { ...input.facts, modules };
  return { ...input, facts };
}
