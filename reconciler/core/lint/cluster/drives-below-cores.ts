import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster, inTemplate } from './each-cluster.ts';

/** WEKA gives each drive core whole drives to serve; one without any only takes CPU and memory. */
export const drivesBelowCores: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A core of a drive container that has no drive takes CPU and huge pages, and serves nothing.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 2',
    right: 'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 4',
  },
  check: eachCluster(function* (cluster) {
    const { driveCores, numDrives, driveCapacity, containerCapacity } = sizingOf(cluster);
    if (driveCapacity || containerCapacity || numDrives === 0 || numDrives >= driveCores) return;
    const idle = driveCores - numDrives;
    yield {
      path: inTemplate(cluster.dynamicTemplate.numDrives ? 'numDrives' : 'driveCores'),
      message: `A drive container has ${driveCores} cores for ${numDrives === 1 ? '1 drive' : `${numDrives} drives`}, so ${idle === 1 ? '1 core has' : `${idle} cores have`} none.`,
      hint: `Set driveCores to ${numDrives}, or numDrives to ${driveCores} or more.`,
    };
  }),
};
