import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';
import { RAFT_SIZES } from './protection.ts';

export const raftSize: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Leaders and metadata are kept by 5 or 9 members, and no cluster is formed with another number.',
  example: {
    wrong: 'spec:\n  leadershipRaftSize: 7',
    right: 'spec:\n  leadershipRaftSize: 5',
  },
  check: eachCluster(function* (cluster) {
    for (const field of ['leadershipRaftSize', 'bucketRaftSize'] as const) {
      const size = cluster[field];
      if (!size || RAFT_SIZES.includes(size)) continue;
      yield {
        path: ['spec', field],
        message: `${field} is ${size}, and can be 5 or 9.`,
        hint: `Set ${field} to 5, or to 9 in a cluster of more than 10 containers of each role.`,
      };
    }
  }),
};
