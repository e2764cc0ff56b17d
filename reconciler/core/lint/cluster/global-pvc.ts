import { record } from '../../kube/json.ts';
import { objectLookup } from '../object-lookup.ts';
import type { SpecRule } from '../spec-rule.ts';

/** Every container of the cluster, on whichever node, keeps its state on the one claim (weka-operator §1.1, §2.2). */
export const globalPvc: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Containers on all nodes mount the claim at once, and a folder in it is named from its root.',
  example: {
    wrong: 'spec:\n  globalPVC: { name: weka-state, path: ../other }',
    right: 'spec:\n  globalPVC: { name: weka-state, path: clusters/demo }',
  },
  *check(set) {
    const find = objectLookup(set, 'PersistentVolumeClaim');
    for (const spec of set.clusters) {
      const { globalPVC } = spec.cluster.spec;
      if (globalPVC === undefined) continue;
      const { name, path = '' } = globalPVC;
      if (path.split('/').includes('..')) {
        yield {
          spec,
          path: ['spec', 'globalPVC', 'path'],
          message: `${path} leads out of the claim.`,
          hint: 'Name a folder within the claim, without `..`.',
        };
      }
      const claim = find({ namespace: spec.cluster.metadata.namespace, name });
      if (claim === undefined) continue;
      const modes = accessModes(claim.manifest);
      if (modes.includes('ReadWriteMany')) continue;
      yield {
        spec,
        path: ['spec', 'globalPVC', 'name'],
        message: `Claim ${name} (${claim.source}) allows ${modes.join(', ') || 'no access'}, and pods on several nodes write to it.`,
        hint: 'Ask for ReadWriteMany in accessModes of the claim.',
      };
    }
  },
};

function accessModes(claim: unknown): readonly string[] {
  const modes = record(record(claim)['spec'])['accessModes'];
  return Array.isArray(modes) ? modes.filter((mode): mode is string => typeof mode === 'string') : [];
}
