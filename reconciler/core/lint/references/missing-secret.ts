import { describeReference } from '../client/target-of.ts';
import type { SpecRule } from '../spec-rule.ts';
import { missing } from './missing.ts';

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
    const external = new Set(set.settings.external.secrets);
    yield* missing(
      set,
      'Secret',
      (reference) => MADE.test(reference.name) || external.has(describeReference(reference)),
      {
        message: (name) => `Secret ${name} is neither in the repository nor in external.secrets of Settings.`,
        hint: (name) =>
          `Add ${name} to external.secrets of Settings if it is in the cluster, or add it encrypted.`,
      },
    );
  },
};
