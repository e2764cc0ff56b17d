import { DEFAULT_CONTAINERS, sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';
import { joins, protectionSum, RAFT_SIZES } from './protection.ts';

/**
 * Only a warning: how many containers there will be depends on who makes them. Newer operators take every node that fits
 * (weka-operator §2.8).
 */
export const uncountedContainers: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A cluster that does not count its containers has 6 of each role, and asks for more in vain.',
  example: {
    wrong: 'spec:\n  stripeWidth: 16\n  redundancyLevel: 4\n  hotSpare: 1',
    right:
      'spec:\n  stripeWidth: 16\n  redundancyLevel: 4\n  hotSpare: 1\n  dynamicTemplate:\n    computeContainers: 21\n    driveContainers: 21',
  },
  check: eachCluster(function* (cluster, spec) {
    const { clusterCapacity, numDrives } = sizingOf(cluster);
    const counted = isCounted(spec, 'computeContainers') || isCounted(spec, 'driveContainers');
    if (counted || clusterCapacity !== undefined || joins(cluster)) return;
    const problem = (path: readonly string[], wanted: string, needed: number) => ({
      path,
      message: `${wanted}; computeContainers and driveContainers are not set, and ${DEFAULT_CONTAINERS} of each are the default.`,
      hint: `Set computeContainers and driveContainers to ${needed} or more.`,
    });
    const { stripe, redundancy, hotSpare, total } = protectionSum(cluster);
    const field = (['stripeWidth', 'redundancyLevel', 'hotSpare'] as const).find((name) => cluster[name]);
    if (total > DEFAULT_CONTAINERS && field !== undefined) {
      const sum = `${stripe} + ${redundancy} + ${hotSpare} = ${total} failure domains (stripe + redundancy + hot spare)`;
      yield problem(['spec', field], `The cluster needs ${sum}`, total);
    }
    const { bucketRaftSize: bucket = 0 } = cluster;
    if (RAFT_SIZES.includes(bucket) && bucket > DEFAULT_CONTAINERS) {
      yield problem(['spec', 'bucketRaftSize'], `Metadata is kept by ${bucket} compute containers`, bucket);
    }
    const drives = cluster.startIoConditions?.minNumDrives ?? 0;
    if (numDrives > 0 && drives > DEFAULT_CONTAINERS * numDrives) {
      const wanted = `IO starts with ${drives} drives of ${numDrives} for each drive container`;
      const path = ['spec', 'startIoConditions', 'minNumDrives'];
      yield problem(path, wanted, Math.ceil(drives / numDrives));
    }
  }),
};
