import type { ForecastOutput, ForecastPassOutput } from '../../../schemas/output/plan.ts';
import type { Forecast, ForecastPass } from '../forecast/forecast.ts';
import type { Change } from '../plan/change.ts';

/** A forecast as machines read it, and as every rendering of it starts. */
export function forecastOutput({
  settled,
  passes,
  left,
  pending,
  unlocks,
  unlocksLeftOut,
}: Forecast): ForecastOutput {
  return {
    settled,
    passes: passes.map(passOutput),
    left: left.map(waitOutput),
    pending: pending.map(waitOutput),
    unlocks: unlocks.map(({ approval, passes: after }) => ({
      approval: approval.file.path,
      passes: after.map(passOutput),
    })),
    unlocksLeftOut,
  };
}

function passOutput({ stages, waits }: ForecastPass): ForecastPassOutput {
  return {
    stages: stages.map((writes) =>
      writes.map(({ op, id, node, risks = [] }) => ({
        op,
        target: id,
        ...(node !== undefined && { node: { name: node.name, does: [...node.does] } }),
        restarts: risks
          .filter(({ name }) => name === 'restart')
          .map(({ evidence, reason }) => evidence ?? reason),
      })),
    ),
    waits: waits.map(waitOutput),
  };
}

function waitOutput({ id, reason }: Extract<Change, { op: 'wait' | 'refuse' }>) {
  return { target: id, why: reason };
}
