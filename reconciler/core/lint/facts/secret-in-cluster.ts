import { describeReference } from '../client/target-of.ts';
import { MADE } from '../references/missing-secret.ts';
import { missing } from '../references/missing.ts';
import type { FactRule } from '../spec-rule.ts';

/** What `missing-secret` only suspects, once facts hold the names of Secrets. */
export const secretInCluster: FactRule = {
  level: 'error',
  fixed: false,
  why: 'A pod waits for a Secret that it mounts or pulls its image with until somebody makes it.',
  facts: 'The only Secret of the cluster is weka/pull-secret.',
  example: {
    wrong: 'spec:\n  imagePullSecret: quay-io-robot-secret',
    right: 'spec:\n  imagePullSecret: pull-secret',
  },
  *checkFacts(set, { secrets }) {
    if (secrets === undefined) return;
    yield* missing(
      set,
      'Secret',
      (reference) => secrets.has(describeReference(reference)) || MADE.test(reference.name),
      {
        message: (name) => `Secret ${name} is neither in the repository nor in the cluster.`,
        hint: (name) => `Add ${name} encrypted to the repository, or make it in the cluster.`,
      },
    );
  },
};
