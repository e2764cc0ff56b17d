import { type Kind, KINDS } from '../core/kube/kinds.ts';
import { groupOf, type KubeObject } from '../core/kube/object.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const READ = ['get', 'list', 'watch'] as const;
/** Server-side apply makes an object by both. */
const WRITE = ['create', 'patch'] as const;

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

function byGroup(kinds: readonly Kind[], verbs: readonly string[]): readonly Rule[] {
  const groups = Map.groupBy(kinds, ({ apiVersion }) => groupOf(apiVersion));
  return [...groups].map(([group, members]) => ({
    apiGroups: [group],
    resources: members.map(({ plural }) => plural),
    verbs,
  }));
}
