import { sizingOf } from '../../../../schemas/weka/sizing.ts';
import type { SpecRule } from '../spec-rule.ts';
import { allInTemplate, eachCluster, inTemplate } from './each-cluster.ts';
import { isCounted } from './is-counted.ts';
import {
  joins,
  MAX_STRIPE,
  MIN_CONTAINERS,
  MIN_STRIPE,
  protectionSum,
  REDUNDANCY_LEVELS,
} from './protection.ts';

/** Each drive container is in one failure domain at most, so there are never more domains than containers. */
export const protectionFits: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Each part of a stripe and each spare has a failure domain of its own; with fewer domains the cluster cannot be formed.',
  example: {
    wrong:
      'spec:\n  stripeWidth: 5\n  redundancyLevel: 2\n  hotSpare: 1\n  dynamicTemplate:\n    computeContainers: 6\n    driveContainers: 6',
    right:
      'spec:\n  stripeWidth: 5\n  redundancyLevel: 2\n  hotSpare: 1\n  dynamicTemplate:\n    computeContainers: 8\n    driveContainers: 8',
  },
  check: eachCluster(function* (cluster, spec) {
    // What does not count its containers takes as many as it needs, or as the operator makes.
    if (joins(cluster) || !isCounted(spec, 'driveContainers')) return;
    const { driveContainers } = sizingOf(cluster);
    const { stripe, redundancy, hotSpare, total } = protectionSum(cluster);
    if (total <= driveContainers || (total <= MIN_CONTAINERS && driveContainers < MIN_CONTAINERS)) return;
    // Numbers that cannot be are no terms of a sum; each has a rule of its own.
    if (stripe < MIN_STRIPE || stripe > MAX_STRIPE || !REDUNDANCY_LEVELS.includes(redundancy)) return;
    const field = (['stripeWidth', 'redundancyLevel', 'hotSpare'] as const).find((name) => cluster[name]);
    yield {
      path: field === undefined ? inTemplate('driveContainers') : ['spec', field],
      beside: [
        ...allInTemplate('driveContainers'),
        ['spec', 'stripeWidth'],
        ['spec', 'redundancyLevel'],
        ['spec', 'hotSpare'],
      ],
      message: `The cluster needs ${stripe} + ${redundancy} + ${hotSpare} = ${total} failure domains (stripe + redundancy + hot spare), and ${driveContainers} drive containers are asked for.`,
      hint: `Set driveContainers to ${total} or more${field === undefined ? '' : ', or protect less'}.`,
    };
  }),
};
