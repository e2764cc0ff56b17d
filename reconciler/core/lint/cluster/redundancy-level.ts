import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';
import { REDUNDANCY_LEVELS } from './protection.ts';

export const redundancyLevel: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'WEKA protects data against 2 or 4 failures, and forms no cluster with another number.',
  example: { wrong: 'spec:\n  redundancyLevel: 3', right: 'spec:\n  redundancyLevel: 2' },
  check: eachCluster(function* ({ redundancyLevel: level }) {
    if (!level || REDUNDANCY_LEVELS.includes(level)) return;
    yield {
      path: ['spec', 'redundancyLevel'],
      message: `redundancyLevel is ${level}, and can be 2 or 4.`,
      hint: 'Set redundancyLevel to 2 or 4.',
    };
  }),
};
