import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/** A CEL rule of the operator's WekaCluster (weka-operator §1.2). */
export const driveCapacityOrRatio: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Drives of a given capacity are all TLC, so a ratio of drive types contradicts it, and the operator refuses both.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    numDrives: 4\n    driveCapacity: 1000\n    driveTypesRatio: { tlc: 1, qlc: 4 }',
    right: 'spec:\n  dynamicTemplate:\n    containerCapacity: 4000\n    driveTypesRatio: { tlc: 1, qlc: 4 }',
  },
  check: eachCluster(function* ({ dynamicTemplate: { driveCapacity, driveTypesRatio } }) {
    if (!driveCapacity || driveTypesRatio === undefined) return;
    yield {
      path: inTemplate('driveTypesRatio'),
      at: 'name',
      beside: allInTemplate('driveCapacity'),
      message: `driveCapacity of ${driveCapacity} GiB makes every virtual drive TLC, so there is nothing that driveTypesRatio could split.`,
      hint: 'Remove driveTypesRatio, or set containerCapacity in place of numDrives and driveCapacity.',
    };
  }),
};
