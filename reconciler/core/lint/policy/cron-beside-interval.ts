import type { SpecRule } from '../spec-rule.ts';
import { isWritten } from '../written.ts';
import { CRON } from './annotations.ts';

export const cronBesideInterval: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A schedule takes the place of the interval, which then has no effect.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { annotations: { weka-gitops.dev/cron: "0 2 * * *" } }\nspec:\n  type: discover-drives\n  payload: { interval: 1h }',
    right:
      'kind: WekaPolicy\nmetadata: { annotations: { weka-gitops.dev/cron: "0 2 * * *" } }\nspec:\n  type: discover-drives\n  payload: {}',
  },
  *check({ policies }) {
    for (const spec of policies) {
      if (!isWritten(spec, 'metadata', 'annotations', CRON)) continue;
      if (!isWritten(spec, 'spec', 'payload', 'interval')) continue;
      yield {
        spec,
        path: ['spec', 'payload', 'interval'],
        message: `The policy runs by its annotation ${CRON}, and not every ${spec.policy.spec.payload.interval}.`,
        hint: `Remove interval, or the annotation ${CRON}.`,
      };
    }
  },
};
