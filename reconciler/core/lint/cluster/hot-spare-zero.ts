import type { SpecRule } from '../spec-rule.ts';
import { joins } from './protection.ts';

export const hotSpareZero: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'Without spare capacity a cluster that loses a failure domain has nowhere to rebuild its data.',
  example: { wrong: 'spec:\n  hotSpare: 0', right: 'spec:\n  hotSpare: 1' },
  *check({ clusters }) {
    for (const spec of clusters) {
      // What joins a cluster has the spare of that cluster.
      if (spec.cluster.spec.hotSpare > 0 || joins(spec.cluster.spec)) continue;
      yield {
        spec,
        path: ['spec', 'hotSpare'],
        message: `Cluster ${spec.cluster.metadata.name} has no hot spare: after a failure it stays unprotected until it is repaired.`,
        hint: 'Set spec.hotSpare to 1 or more, or set the rule to silent in Settings if that is meant.',
      };
    }
  },
};
