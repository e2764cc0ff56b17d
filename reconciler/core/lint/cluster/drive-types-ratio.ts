import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';

/** A CEL rule of the operator's WekaCluster (weka-operator §1.2). */
export const driveTypesRatio: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'QLC drives serve only beside TLC drives, so a cluster needs some of those.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    containerCapacity: 8000\n    driveTypesRatio: { qlc: 1 }',
    right: 'spec:\n  dynamicTemplate:\n    containerCapacity: 8000\n    driveTypesRatio: { tlc: 1, qlc: 10 }',
  },
  check: eachCluster(function* ({ dynamicTemplate: { driveTypesRatio: ratio } }) {
    if (ratio === undefined || ratio.tlc > 0) return;
    yield {
      path: [...inTemplate('driveTypesRatio'), 'tlc'],
      message: `The ratio of TLC to QLC drives is ${ratio.tlc} to ${ratio.qlc}, and there is no cluster without TLC drives.`,
      hint: 'Set driveTypesRatio.tlc to 1 or more.',
    };
  }),
};
