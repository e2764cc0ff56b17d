import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';
import { isLarge } from './is-large.ts';

/** An admission policy of the operator: cluster_min_drives_large_floor (weka-operator §2.8). */
export const minNumDrivesFloor: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A large cluster that starts with few of its drives may start after losing more of them than it should.',
  example: {
    wrong:
      'spec:\n  startIoConditions: { minNumDrives: 5 }\n  dynamicTemplate:\n    computeContainers: 20\n    driveContainers: 20\n    numDrives: 6',
    right:
      'spec:\n  startIoConditions: { minNumDrives: 108 }\n  dynamicTemplate:\n    computeContainers: 20\n    driveContainers: 20\n    numDrives: 6',
  },
  check: eachCluster(function* (cluster, spec) {
    const wanted = cluster.startIoConditions?.minNumDrives ?? 0;
    const sizing = sizingOf(cluster);
    if (wanted === 0 || !isCounted(spec, 'driveContainers') || !isLarge(sizing)) return;
    const { driveContainers, numDrives } = sizing;
    const all = driveContainers * numDrives;
    const floor = Math.ceil((9 * all) / 10);
    if (wanted >= floor) return;
    yield {
      path: ['spec', 'startIoConditions', 'minNumDrives'],
      beside: allInTemplate('driveContainers', 'numDrives'),
      message: `IO starts with ${wanted} of ${driveContainers} × ${numDrives} = ${all} drives, and at least 9 of 10 are advised.`,
      hint: `Set minNumDrives to ${floor} or more, or remove it to wait for all.`,
    };
  }),
};
