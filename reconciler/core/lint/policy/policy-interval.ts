import { isWritten } from '../written.ts';
import type { SpecRule } from '../spec-rule.ts';
import { CRON } from './annotations.ts';

/** Seconds between two runs at least: each makes pods on all nodes that are meant. */
const SHORTEST_INTERVAL_SECONDS = 60;

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a span of time as Kubernetes writes it, such as `1h30m`. */
export function durationSeconds(text: string): number {
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 0),
    0,
  );
}

export const policyInterval: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A run makes pods on every node that is meant, so a policy runs once a minute at most.',
  example: {
    wrong: 'kind: WekaPolicy\nspec:\n  type: discover-drives\n  payload: { interval: 30s }',
    right: 'kind: WekaPolicy\nspec:\n  type: discover-drives\n  payload: { interval: 1m }',
  },
  *check({ policies }) {
    for (const spec of policies) {
      const { interval } = spec.policy.spec.payload;
      // A schedule takes its place, which a rule of its own tells.
      if (durationSeconds(interval) >= SHORTEST_INTERVAL_SECONDS) continue;
      if (isWritten(spec, 'metadata', 'annotations', CRON)) continue;
      yield {
        spec,
        path: ['spec', 'payload', 'interval'],
        message: `An interval of ${interval} is below 1 minute, so the policy runs every minute.`,
        hint: 'Set interval to 1m or more.',
      };
    }
  },
};
