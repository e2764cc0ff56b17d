import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { MAX_DRIVES_PER_CORE } from './drive-sharing.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

export const virtualDrivesPerCore: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A core of a drive container serves 8 virtual drives at most, and what is beyond is never added.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeCores: 4\n    driveCores: 1\n    numDrives: 10\n    driveCapacity: 1000',
    right:
      'spec:\n  dynamicTemplate:\n    computeCores: 4\n    driveCores: 2\n    numDrives: 10\n    driveCapacity: 1000',
  },
  check: eachCluster(function* (cluster) {
    const { driveCores, numDrives, driveCapacity } = sizingOf(cluster);
    const most = driveCores * MAX_DRIVES_PER_CORE;
    if (!driveCapacity || numDrives <= most) return;
    yield {
      path: inTemplate('numDrives'),
      beside: allInTemplate('driveCores'),
      message: `${driveCores} × ${MAX_DRIVES_PER_CORE} = ${most} virtual drives can be served by a drive container, and ${numDrives} are asked for.`,
      hint: `Set driveCores to ${Math.ceil(numDrives / MAX_DRIVES_PER_CORE)}, or make fewer and larger drives.`,
    };
  }),
};
