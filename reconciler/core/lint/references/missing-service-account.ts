import type { SpecRule } from '../spec-rule.ts';
import { missing } from './missing.ts';

export const missingServiceAccount: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'No pod is made that runs as a service account which does not exist.',
  example: {
    wrong: 'spec:\n  serviceAccountName: weka-backend',
    right:
      'kind: ServiceAccount\nmetadata: { name: weka-backend }\n---\nkind: WekaCluster\nspec:\n  serviceAccountName: weka-backend',
  },
  *check(set) {
    // Every namespace has one called default.
    yield* missing(set, 'ServiceAccount', ({ name }) => name === 'default', {
      message: (name) => `Service account ${name} is not in the repository.`,
      hint: () => 'Add it, or name this rule in weka-gitops.dev/ignore-rule with who makes it.',
    });
  },
};
