import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';

/** A CEL rule of the operator's WekaCluster (weka-operator §1.2). */
export const virtualDrivesBelowCores: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Each core of a drive container needs a virtual drive of its own, and the operator refuses cores without.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeCores: 8\n    driveCores: 4\n    numDrives: 2\n    driveCapacity: 1000',
    right:
      'spec:\n  dynamicTemplate:\n    computeCores: 4\n    driveCores: 2\n    numDrives: 2\n    driveCapacity: 1000',
  },
  check: eachCluster(function* (cluster) {
    const { driveCores, numDrives, driveCapacity } = sizingOf(cluster);
    if (!driveCapacity || numDrives === 0 || numDrives >= driveCores) return;
    yield {
      path: inTemplate(cluster.dynamicTemplate.numDrives ? 'numDrives' : 'driveCores'),
      beside: allInTemplate('driveCores', 'numDrives'),
      message: `A drive container has ${driveCores} cores and ${counted(numDrives)}, and each core needs one.`,
      hint: `Set numDrives to ${driveCores} or more, or driveCores to ${numDrives}.`,
    };
  }),
};

function counted(drives: number): string {
  return drives === 1 ? '1 virtual drive' : `${drives} virtual drives`;
}
