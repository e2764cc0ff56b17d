import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from './each-cluster.ts';
import { MAX_STRIPE, MIN_STRIPE } from './protection.ts';

export const stripeWidth: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A stripe holds 3 to 16 blocks of data, and no cluster is formed with another width.',
  example: {
    wrong: 'spec:\n  stripeWidth: 2',
    right: 'spec:\n  stripeWidth: 3',
  },
  check: eachCluster(function* ({ stripeWidth: width }) {
    if (!width || (width >= MIN_STRIPE && width <= MAX_STRIPE)) return;
    yield {
      path: ['spec', 'stripeWidth'],
      message: `stripeWidth is ${width}, and can be ${MIN_STRIPE} to ${MAX_STRIPE}.`,
      hint: 'Set a width within that, or remove stripeWidth to have it fitted to the cluster.',
    };
  }),
};
