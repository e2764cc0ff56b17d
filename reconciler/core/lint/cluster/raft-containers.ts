import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';
import { joins, MIN_CONTAINERS, RAFT_SIZES } from './protection.ts';

/** Metadata is kept by compute containers; leaders are any containers of the back end, each in a failure domain of its own. */
export const raftContainers: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Members of one group are containers of their own; with fewer containers the group never has all its members.',
  example: {
    wrong: 'spec:\n  bucketRaftSize: 9\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6',
    right:
      'spec:\n  bucketRaftSize: 9\n  dynamicTemplate:\n    computeContainers: 12\n    driveContainers: 6',
  },
  check: eachCluster(function* (cluster, spec) {
    const { computeContainers, driveContainers, clusterCapacity } = sizingOf(cluster);
    if (joins(cluster) || clusterCapacity !== undefined) return;
    if (!isCounted(spec, 'computeContainers') || !isCounted(spec, 'driveContainers')) return;
    const { bucketRaftSize: bucket = 0, leadershipRaftSize: leaders = 0 } = cluster;
    if (RAFT_SIZES.includes(bucket) && bucket > Math.max(computeContainers, MIN_CONTAINERS)) {
      yield {
        path: ['spec', 'bucketRaftSize'],
        beside: allInTemplate('computeContainers'),
        message: `Metadata is kept by ${bucket} compute containers, and ${computeContainers} are asked for.`,
        hint: `Set computeContainers to ${bucket} or more, or bucketRaftSize to 5.`,
      };
    }
    const all = computeContainers + driveContainers;
    if (RAFT_SIZES.includes(leaders) && leaders > all) {
      yield {
        path: ['spec', 'leadershipRaftSize'],
        beside: allInTemplate('computeContainers', 'driveContainers'),
        message: `${leaders} containers elect the leader, and ${computeContainers} + ${driveContainers} = ${all} are asked for.`,
        hint: `Ask for ${leaders} containers or more, or set leadershipRaftSize to 5.`,
      };
    }
  }),
};
