import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';
import { isLarge } from './is-large.ts';

/** An admission policy of the operator: cluster_min_drives_small_advisory (weka-operator §2.8). */
export const minNumDrivesNeedless: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'In a small cluster each drive is a large part of all, so it is better to wait for every one before IO starts.',
  example: {
    wrong:
      'spec:\n  startIoConditions: { minNumDrives: 10 }\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    numDrives: 2',
    right: 'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    numDrives: 2',
  },
  check: eachCluster(function* (cluster, spec) {
    const wanted = cluster.startIoConditions?.minNumDrives ?? 0;
    const sizing = sizingOf(cluster);
    const { driveContainers, numDrives } = sizing;
    const all = driveContainers * numDrives;
    // More than there are is told by `min-num-drives`.
    if (wanted === 0 || wanted > all || !isCounted(spec, 'driveContainers') || isLarge(sizing)) return;
    yield {
      path: ['spec', 'startIoConditions', 'minNumDrives'],
      beside: allInTemplate('driveContainers', 'numDrives'),
      message: `IO starts with ${wanted} of ${driveContainers} × ${numDrives} = ${all} drives, and a cluster of this size can well wait for all of them.`,
      hint: 'Remove minNumDrives.',
    };
  }),
};
