import type { SpecRule } from '../spec-rule.ts';
import { MIN_DRIVE_GIB } from './drive-sharing.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';

export const virtualDriveSize: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'WEKA makes no virtual drive of less than 384 GiB.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    numDrives: 4\n    driveCapacity: 200',
    right: 'spec:\n  dynamicTemplate:\n    numDrives: 4\n    driveCapacity: 384',
  },
  check: eachCluster(function* ({ dynamicTemplate: { driveCapacity } }) {
    if (!driveCapacity || driveCapacity >= MIN_DRIVE_GIB) return;
    yield {
      path: inTemplate('driveCapacity'),
      message: `Virtual drives of ${driveCapacity} GiB are asked for, and the smallest has ${MIN_DRIVE_GIB} GiB.`,
      hint: `Set driveCapacity to ${MIN_DRIVE_GIB} or more; it counts in GiB.`,
    };
  }),
};
