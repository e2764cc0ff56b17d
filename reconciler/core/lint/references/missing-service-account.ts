import type { SpecRule } from '../spec-rule.ts';
import { missing, notHere } from './missing.ts';

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
    yield* missing(
      set,
      'ServiceAccount',
      ({ name }) => name === 'default',
      notHere('ServiceAccount', 'Service account'),
    );
  },
};
