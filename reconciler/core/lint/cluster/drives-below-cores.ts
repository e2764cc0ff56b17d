import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/** WEKA wants a whole drive for each drive core, and the operator makes nothing of a cluster that has fewer (its auto full drives). */
export const drivesBelowCores: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Each core of a drive container needs a drive of its own, and no container is made of cores without.',
  example: {
    wrong: 'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 2',
    right: 'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 4',
  },
  check: eachCluster(function* ({ dynamicTemplate }) {
    const { driveCores, numDrives, driveCapacity, containerCapacity, clusterCapacity } = dynamicTemplate;
    // A drive container whose drives nobody counts is told by a rule of its own.
    if (driveCapacity || containerCapacity || clusterCapacity !== undefined || !numDrives) return;
    if (numDrives >= driveCores) return;
    const idle = driveCores - numDrives;
    yield {
      path: inTemplate('numDrives'),
      beside: allInTemplate('driveCores', 'numDrives'),
      message: `A drive container has ${driveCores} cores for ${numDrives === 1 ? '1 drive' : `${numDrives} drives`}, so ${idle === 1 ? '1 core has' : `${idle} cores have`} none.`,
      hint: `Set driveCores to ${numDrives}, or numDrives to ${driveCores} or more.`,
    };
  }),
};
