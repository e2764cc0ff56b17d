import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { coreBalance } from './core-balance.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';
import { areCoresCounted } from './is-counted.ts';

/** The operator's floor of one to one, which it only warns of where it is not strict (weka-operator §2.8: cluster_compute_drive_cores_floor). */
export const computeCoresFloor: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'All that drives do goes through compute cores, so there is at least one for each drive core.',
  example: {
    wrong:
      'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    computeCores: 1\n    driveCores: 2\n    numDrives: 2',
    right:
      'spec:\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6\n    computeCores: 2\n    driveCores: 2\n    numDrives: 2',
  },
  check: eachCluster(function* (cluster, spec) {
    if (!areCoresCounted(cluster.dynamicTemplate, spec)) return;
    const balance = coreBalance(cluster);
    if (balance === undefined || balance.compute >= balance.drive) return;
    const { computeContainers } = sizingOf(cluster);
    yield {
      path: inTemplate('computeCores'),
      beside: allInTemplate('computeCores', 'driveCores', 'computeContainers', 'driveContainers'),
      message: `There are ${balance.sums.compute} compute cores for ${balance.sums.drive} drive cores, and each drive core needs one.`,
      hint: `Set computeCores to ${Math.ceil(balance.drive / computeContainers)}, or ask for more compute containers.`,
    };
  }),
};
