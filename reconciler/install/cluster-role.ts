import { KINDS } from '../core/kube/kinds.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { byGroup, READ, WRITE } from './rules.ts';

/** The least that an account has to be allowed to reconcile every kind of the default allow-list, unattended or not. */
export function clusterRole(name = 'weka-gitops'): KubeObject {
  const kinds = KINDS.filter(({ allowed }) => allowed === 'always');
  // What is never deleted by us need not be deletable by us.
  const kept = kinds.filter((kind) => kind.protected !== undefined);
  const rest = kinds.filter((kind) => kind.protected === undefined);
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      ...byGroup(rest, [...READ, ...WRITE, 'delete']),
      ...byGroup(kept, [...READ, ...WRITE]),
      // The pods of WEKA, which are created and not yet changed.
      { apiGroups: [''], resources: ['pods'], verbs: [...READ, ...WRITE] },
      // Where these can stand is found out from nodes as they are, which are not watched.
      { apiGroups: [''], resources: ['nodes'], verbs: ['list'] },
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
    ],
  };
}
