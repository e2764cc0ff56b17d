import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';
import { protectionSum } from './protection.ts';

/** It drops what keeps containers of one role on nodes of their own (weka-operator §2.4). */
export const disregardRedundancy: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Containers of one role that share a node fail together, so the loss of one node can lose data.',
  example: {
    wrong: 'spec:\n  overrides: { disregardRedundancy: true }',
    right: 'spec:\n  overrides: {}',
  },
  check: eachCluster(function* (cluster) {
    if (cluster.overrides?.disregardRedundancy !== true) return;
    const { redundancy } = protectionSum(cluster);
    yield {
      path: ['spec', 'overrides', 'disregardRedundancy'],
      message: `Data survives the loss of ${redundancy} failure domains, and with disregardRedundancy one node may hold more of them.`,
      hint: 'Remove disregardRedundancy wherever data matters.',
    };
  }),
};
