import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';

/** One drive is the default where containers are counted (weka-operator §1.2); where they are not, newer operators take all. */
export const uncountedDrives: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A drive container that does not count its drives has one, and further cores have nothing to serve.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    computeCores: 4\n    driveCores: 2',
    right:
      'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    computeCores: 4\n    driveCores: 2\n    numDrives: 2',
  },
  check: eachCluster(function* ({ dynamicTemplate }, spec) {
    const { driveCores, numDrives, driveCapacity, containerCapacity, clusterCapacity } = dynamicTemplate;
    if (driveCapacity || containerCapacity || clusterCapacity !== undefined || numDrives) return;
    if (driveCores <= 1 || !isCounted(spec, 'driveContainers')) return;
    yield {
      path: inTemplate('driveCores'),
      beside: allInTemplate('driveCores'),
      message: `A drive container has ${driveCores} cores, and 1 drive since numDrives is not set.`,
      hint: `Set numDrives to ${driveCores} or more, or driveCores to 1.`,
    };
  }),
};
