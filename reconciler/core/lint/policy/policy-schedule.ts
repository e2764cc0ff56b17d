import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { written } from '../written.ts';
import { CRON, TIME_ZONE } from './annotations.ts';
import { cronFault, isTimeZone } from './cron-shape.ts';

export const policySchedule: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A policy whose schedule cannot be read would never run.',
  example: {
    wrong:
      'kind: WekaPolicy\nmetadata: { annotations: { weka-gitops.dev/cron: "0 25 * * *" } }\nspec:\n  type: discover-drives\n  payload: {}',
    right:
      'kind: WekaPolicy\nmetadata: { annotations: { weka-gitops.dev/cron: "0 2 * * *" } }\nspec:\n  type: discover-drives\n  payload: {}',
  },
  *check({ policies }) {
    for (const spec of policies) {
      const cron = written(spec, 'metadata', 'annotations', CRON);
      const fault = typeof cron === 'string' ? cronFault(cron) : undefined;
      if (typeof cron === 'string' && fault !== undefined) {
        yield {
          spec,
          path: ['metadata', 'annotations', CRON],
          message: `The schedule ${quoted(cron)} ${fault}.`,
          hint: 'Write a cron expression such as 0 2 * * 6.',
        };
      }
      const zone = written(spec, 'metadata', 'annotations', TIME_ZONE);
      if (typeof zone === 'string' && !isTimeZone(zone)) {
        yield {
          spec,
          path: ['metadata', 'annotations', TIME_ZONE],
          message: `${quoted(zone)} is no time zone.`,
          hint: 'Write an IANA name such as Europe/Berlin or UTC.',
        };
      }
    }
  },
};
