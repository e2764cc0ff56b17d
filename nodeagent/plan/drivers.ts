import type { DriversIntent, DriversReport } from '../../schemas/node/drivers.ts';
import { isKnown, type Unknown } from '../../schemas/node/observed.ts';
import { driversReport } from './drivers-report.ts';
import { type DriversState, withIntent } from './drivers-state.ts';
import type { Failure, Fault } from './fault.ts';
import { tidied, unverified } from './housekeeping.ts';
import { keptAhead, nextFor, withAhead } from './keep-ahead.ts';
import { reachPackage } from './reach-package.ts';
import { LOOK_AGAIN_MS } from './replace-modules.ts';
import { type Step, stepKey } from './step.ts';
import { type DriverInput, fits, loadedModules, type Running, spareOf, type Way } from './way.ts';
import { isHalfGone } from './way-back.ts';

export interface DriversPlan {
  /** What to do next; what comes after it is decided when it is done. */
  readonly step?: Step;
  /** How long to wait at most where there is nothing to do now. */
  readonly waitMs?: number;
  /** Whether to look what uses the modules, which takes a while, and to plan again. */
  readonly needsUsers?: boolean;
  /** Undefined where no intent asks for drivers. */
  readonly report: DriversReport | undefined;
}

/** What a node does next for the drivers that it shall have. */
export function planDrivers(input: DriverInput): DriversPlan {
  const state = withIntent(input.state, input.intent);
  const plan = planned({ ...input, state });
  if (state === input.state) return patient(plan, input);
  const untold = input.failures.get('remember');
  if (untold !== undefined && untold.dueInMs > 0 && isSamePackage(state, input.state))
    return meanwhile(patient(plan, input), untold);
  const why = `generation ${state.generation} of the intent has to be known though the API server is away`;
  return patient({ ...plan, step: { do: 'remember', state, why } }, input);
}

/** Whether what was written down before is enough to go on by after a boot. */
function isSamePackage({ wanted }: DriversState, { wanted: before }: DriversState): boolean {
  return wanted !== undefined && JSON.stringify(wanted.package) === JSON.stringify(before?.package);
}

/** The plan, while the state cannot be written down: what is asked for is what was before, and does not wait for a disk. */
function meanwhile({ report, ...plan }: DriversPlan, { dueInMs, ...fault }: Failure): DriversPlan {
  const waitMs = plan.step === undefined ? Math.min(plan.waitMs ?? dueInMs, dueInMs) : undefined;
  return { ...plan, ...(waitMs === undefined ? {} : { waitMs }), report: report && withFault(report, fault) };
}

/** What a report says with a step that failed. What is loaded stays so, whatever else fails. */
function withFault(
  report: DriversReport,
  { users: _, module: __, ...fault }: Omit<Failure, 'dueInMs'>,
): DriversReport {
  if (report.code !== undefined) return report;
  return { ...report, ...fault, ...(report.state === 'loaded' ? LOADED : {}) };
}

/** The plan, where a step that failed has to wait. */
function patient({ step, ...plan }: DriversPlan, { failures }: DriverInput): DriversPlan {
  const failure = step && failures.get(stepKey(step));
  if (step === undefined || failure === undefined)
    return { ...plan, ...(step === undefined ? {} : { step }) };
  const { dueInMs, ...fault } = failure;
  const { report } = plan;
  return {
    ...plan,
    ...(dueInMs > 0 ? { waitMs: dueInMs } : { step }),
    report: report && withFault(report, fault),
  };
}

function planned(input: DriverInput): DriversPlan {
  const plan = next(input);
  if (plan.step !== undefined || plan.needsUsers === true) return plan;
  const step = unverified(input);
  if (step !== undefined) return { ...plan, step };
  const ahead = keptAhead(input);
  const waitMs = Math.min(plan.waitMs ?? Infinity, ahead.waitMs ?? Infinity);
  return {
    ...plan,
    ...(ahead.step === undefined ? {} : { step: ahead.step }),
    ...(waitMs === Infinity ? {} : { waitMs }),
    report: withAhead(plan.report, ahead),
  };
}

function next(input: DriverInput): DriversPlan {
  const { wanted } = input.state;
  if (wanted === undefined) return { ...only(tidied(input, {})), report: undefined };
  const { bootId, kernel, modules } = input.facts;
  const coming = isKnown(kernel) ? nextFor(wanted, kernel) : undefined;
  const asked = { ...wanted, ...coming };
  // Which of the two counts, how it is loaded depends on: by the agent, or by the vendor's command.
  if (asked.package.layout === 'vendor') {
    return { ...only(tidied(input, {})), report: report(input, asked, { state: 'vendor' }) };
  }
  if (!isKnown(bootId)) return unseen(input, wanted, bootId);
  if (!isKnown(kernel)) return unseen(input, wanted, kernel);
  if (!isKnown(modules)) return unseen(input, wanted, modules);
  const running = { kernel, bootId };
  // It is loaded before the cluster asks for it in its own right; what is loaded by now stays until then.
  if (coming !== undefined) return reach(input, { ...asked, replace: 'never' }, running);
  if (!fits(wanted.package, running)) return forAnother(input, wanted, running);
  return wentBack(input, wanted, running) ?? reach(input, wanted, running);
}

/** What is next until what is asked for is loaded. */
function reach(input: DriverInput, wanted: DriversIntent, running: Running): DriversPlan {
  const way = reachPackage(input, wanted, running);
  const { isThere, hold, note } = way;
  const before = hold === undefined || isThere === true ? undefined : asBefore(input, wanted, hold, running);
  return {
    ...only(way.step === undefined && before?.step !== undefined ? before : way),
    report: report(
      input,
      wanted,
      isThere === true
        ? { ...hold, ...LOADED }
        : (hold ?? { state: 'working', ...(note === undefined ? {} : { message: note }) }),
    ),
  };
}

/**
 * What is asked for cannot be had for now. A node that was booted meanwhile, or of whose modules only a part went, has what it had
 * before, rather than nothing; what is loaded stays.
 */
function asBefore(input: DriverInput, { package: asked }: DriversIntent, hold: Fault, running: Running): Way {
  const spare = spareOf(input, running, ({ sha256 }) => sha256 !== asked.sha256);
  if (spare === undefined) return {};
  const isStaying = hold.state === 'waiting' || hold.code === 'OTHER_LOADED';
  if (isStaying && !isHalfGone(input, spare, running)) return {};
  return reachPackage(input, { package: spare, from: [], replace: 'never' }, running);
}

/** The package is for another kernel. What was loaded on this one before is loaded again, if it is the same version. */
function forAnother(input: DriverInput, wanted: DriversIntent, running: Running): DriversPlan {
  const { package: asked } = wanted;
  const { kernel } = running;
  const message = `The package is for kernel ${asked.kernel} on ${asked.architecture}, and ${kernel.release} on ${kernel.architecture} runs.`;
  const hold: Fault =
    asked.architecture === kernel.architecture
      ? {
          state: 'waiting',
          code: 'KERNEL',
          message,
          hint: 'Wait for the package of the kernel that runs: it is asked for once the report of this boot is read.',
        }
      : { state: 'refused', code: 'ARCHITECTURE', message };
  const spare = spareOf(
    input,
    running,
    ({ version, sha256 }) => version === asked.version && sha256 !== asked.sha256,
  );
  const way =
    spare === undefined ? {} : reachPackage(input, { package: spare, from: [], replace: 'never' }, running);
  return { ...only(tidied(input, way)), report: report(input, wanted, hold) };
}

/** What was asked for did not load in this boot, and the node has what it had before. */
function wentBack(input: DriverInput, wanted: DriversIntent, running: Running): DriversPlan | undefined {
  const { failed, generation } = input.state;
  if (
    failed?.sha256 !== wanted.package.sha256 ||
    failed.generation !== generation ||
    failed.bootId !== running.bootId
  )
    return undefined;
  const spare = spareOf(input, running, ({ sha256 }) => sha256 !== failed.sha256);
  if (spare === undefined) return undefined;
  // What did load of the one that did not is in nobody's use yet.
  const way = reachPackage(input, { package: spare, from: [], replace: 'unused' }, running);
  const { message, hint, module } = failed;
  const hold: Fault = {
    // What the kernel would not have is for a person, whatever the node has instead.
    state: failed.code === 'LOAD_FAILED' ? 'failed' : 'refused',
    code: failed.code,
    message: `${message} ${way.isThere === true ? 'The node has' : 'The node goes back to'} ${spare.version}.`,
    ...(hint === undefined ? {} : { hint }),
    ...(module === undefined ? {} : { module }),
  };
  return { ...only(way), report: report(input, wanted, hold) };
}

function unseen(input: DriverInput, wanted: DriversIntent, { unknown }: Unknown): DriversPlan {
  return {
    waitMs: LOOK_AGAIN_MS,
    report: report(input, wanted, { state: 'failed', code: 'UNKNOWN', message: unknown }),
  };
}

function report(
  input: DriverInput,
  wanted: DriversIntent,
  is: Parameters<typeof driversReport>[0]['is'],
): DriversReport {
  const { facts, cache, state } = input;
  return driversReport({ wanted, is, facts, cache, state, loaded: loadedModules(input) });
}

const LOADED = { state: 'loaded' } as const;

function only({ step, waitMs, needsUsers }: Way): Pick<DriversPlan, 'step' | 'waitMs' | 'needsUsers'> {
  return {
    ...(step === undefined ? {} : { step }),
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(needsUsers === undefined ? {} : { needsUsers }),
  };
}
