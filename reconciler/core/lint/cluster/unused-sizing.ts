import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/** Which field wins is from the operator's API: containerCapacity takes precedence over driveCapacity. */
export const unusedSizing: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Drives are sized in one way only, and a field of another way has no effect.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    containerCapacity: 8000\n    driveCapacity: 1000',
    right: 'spec:\n  dynamicTemplate:\n    containerCapacity: 8000',
  },
  check: eachCluster(function* ({ dynamicTemplate }) {
    const { clusterCapacity, containerCapacity, driveCapacity, driveTypesRatio } = dynamicTemplate;
    if (clusterCapacity !== undefined) return;
    if (containerCapacity && driveCapacity) {
      yield {
        path: inTemplate('driveCapacity'),
        at: 'name',
        beside: allInTemplate('containerCapacity'),
        message: `driveCapacity of ${driveCapacity} GiB has no effect: containerCapacity of ${containerCapacity} GiB decides.`,
        hint: 'Remove driveCapacity, or set it with numDrives in place of containerCapacity.',
      };
    }
    if (driveTypesRatio !== undefined && !containerCapacity && !driveCapacity) {
      yield {
        path: inTemplate('driveTypesRatio'),
        at: 'name',
        message:
          'driveTypesRatio has no effect: without containerCapacity or clusterCapacity whole drives are taken.',
        hint: 'Set containerCapacity or clusterCapacity, or remove driveTypesRatio.',
      };
    }
  }),
};
