import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';

export const noGracePeriod: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Without a grace period a cluster whose manifest goes by mistake cannot be taken back.',
  example: {
    wrong: 'spec:\n  gracefulDestroyDuration: 0s',
    right: 'spec:\n  gracefulDestroyDuration: 24h',
  },
  check: eachCluster(function* ({ gracefulDestroyDuration }) {
    if (/[1-9]/.test(gracefulDestroyDuration)) return;
    yield {
      path: ['spec', 'gracefulDestroyDuration'],
      message: 'The data goes at once when the cluster is deleted.',
      hint: 'Leave it at 24h wherever data matters.',
    };
  }),
};
