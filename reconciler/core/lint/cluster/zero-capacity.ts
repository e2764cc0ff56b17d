import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';

/** CEL rules of the operator's WekaCluster. */
export const zeroCapacity: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A capacity of nothing is not the same as none, and the operator refuses it.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    containerCapacity: 0',
    right: 'spec:\n  dynamicTemplate:\n    numDrives: 4',
  },
  check: eachCluster(function* ({ dynamicTemplate }) {
    for (const field of ['driveCapacity', 'containerCapacity'] as const) {
      if (dynamicTemplate[field] !== 0) continue;
      yield {
        path: inTemplate(field),
        message: `${field} is 0 GiB, and must be more where it is set.`,
        hint: `Remove ${field}, or set it to what is wanted.`,
      };
    }
  }),
};
