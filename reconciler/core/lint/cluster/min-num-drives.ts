import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';

/** The gate before IO starts (weka-operator §1.1, §2.1). */
export const minNumDrives: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'IO starts only when so many drives were added, so a number that cannot be reached keeps the cluster waiting for ever.',
  example: {
    wrong:
      'spec:\n  startIoConditions: { minNumDrives: 16 }\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    numDrives: 2',
    right: 'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    numDrives: 2',
  },
  check: eachCluster(function* (cluster, spec) {
    const wanted = cluster.startIoConditions?.minNumDrives ?? 0;
    const { driveContainers, numDrives } = sizingOf(cluster);
    // By capacity, the number of drives is for the plan to say.
    if (numDrives === 0 || !isCounted(spec, 'driveContainers')) return;
    const most = driveContainers * numDrives;
    if (wanted <= most) return;
    yield {
      path: ['spec', 'startIoConditions', 'minNumDrives'],
      beside: allInTemplate('driveContainers', 'numDrives'),
      message: `IO starts with ${wanted} drives, and the cluster has ${driveContainers} × ${numDrives} = ${most}.`,
      hint: `Set minNumDrives to ${most} or less, or remove it to wait for all drives.`,
    };
  }),
};
