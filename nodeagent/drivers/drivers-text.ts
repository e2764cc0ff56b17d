import type { DriversReport } from '../../schemas/node/drivers.ts';
import type { DriversState } from '../plan/drivers-state.ts';
import { describeStep, type Step } from '../plan/step.ts';

export interface ForeseenDrivers {
  readonly state: DriversState;
  readonly report: DriversReport | undefined;
  readonly steps: readonly Step[];
}

/** The drivers of a node for people, line by line. */
export function driversText({ state, report, steps }: ForeseenDrivers): readonly string[] {
  if (report === undefined || state.wanted === undefined) {
    return ['Nothing asks this node for drivers.', ...stepsText(steps)];
  }
  const { package: wanted, owner } = state.wanted;
  const { code, message, hint } = report;
  return [
    `Wanted   ${wanted.version} for ${wanted.kernel} ${wanted.architecture}, by ${owner} (generation ${state.generation})`,
    `Package  ${wanted.file}, SHA-256 ${wanted.sha256}`,
    `State    ${report.state}${code === undefined ? '' : `, ${code}: ${message ?? ''}`}`,
    ...(hint === undefined ? [] : [`         ${hint}`]),
    ...(report.users ?? []).map((who) => `In use   ${who}`),
    ...report.modules.map(
      ({ name, state: is, version, why }) =>
        `Module   ${name} ${is}${version === undefined ? '' : `, version ${version}`}${why === undefined ? '' : `: ${why}`}`,
    ),
    ...state.good.map((each) => `Loaded before  ${each.package.version} for ${each.package.kernel}`),
    ...stepsText(steps),
  ];
}

function stepsText(steps: readonly Step[]): readonly string[] {
  return steps.map((step, index) => `${index === 0 ? 'Next' : 'Then'}     ${describeStep(step)}`);
}
