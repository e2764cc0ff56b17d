import type { SpecRule } from '../spec-rule.ts';
import { missing, notHere } from './missing.ts';

/** Secrets that are made for clusters, and for what runs beside them (weka-operator §2.1, §4.2, §6.2). */
export const MADE = /^weka-(operator|cluster|client|csi|trace-session)-|^weka-node-agent-secret$/;

/** An error once facts of the cluster show it missing; from the repository alone nobody can tell. */
export const missingSecret: SpecRule = {
  level: 'warning',
  fixed: false,
  answeredBy: ({ secrets }) => secrets !== undefined,
  why: 'A pod waits for a Secret that it mounts or pulls its image with until somebody makes it.',
  example: {
    wrong: 'spec:\n  imagePullSecret: quay-io-robot-secret',
    right:
      'kind: Settings\nspec:\n  external: { secrets: [weka/quay-io-robot-secret] }\n---\nkind: WekaCluster\nspec:\n  imagePullSecret: quay-io-robot-secret',
  },
  *check(set) {
    yield* missing(
      set,
      'Secret',
      ({ name }) => MADE.test(name),
      notHere('Secret', 'Secret', 'add it encrypted'),
    );
  },
};
