import type { SpecRule } from '../spec-rule.ts';
import { missing, notHere } from './missing.ts';

export const missingClaim: SpecRule = {
  level: 'warning',
  fixed: false,
  why: 'A pod that keeps its state on a claim is not scheduled until the claim is there.',
  example: {
    wrong: 'spec:\n  globalPVC: { name: weka-state }',
    right:
      'kind: PersistentVolumeClaim\nmetadata: { name: weka-state }\nspec:\n  accessModes: [ReadWriteMany]\n  resources: { requests: { storage: 1Ti } }\n---\nkind: WekaCluster\nspec:\n  globalPVC: { name: weka-state }',
  },
  *check(set) {
    yield* missing(
      set,
      'PersistentVolumeClaim',
      () => false,
      notHere('PersistentVolumeClaim', 'PersistentVolumeClaim'),
    );
  },
};
