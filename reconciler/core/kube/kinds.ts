import { groupKind, type GroupKind, type KubeObject, type ObjectId, parseObjectId } from './object.ts';

/** What has to be known of a kind to read, order, replace and prune its objects. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  /** The resource in API paths. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Whether a repository may hold it without the process's configuration allowing it by name. */
  readonly allowed: 'always' | 'by-ceiling';
  /** Stages are applied in this order, and pruned in reverse. */
  readonly stage: Stage;
  /** Why none of its objects is ever deleted because a file went away; absent where they may be. */
  readonly protected?: string;
  /** The same for those of its objects whose names begin so. */
  readonly protectedNames?: { readonly prefixes: readonly string[]; readonly why: string };
}

/** What others stand on comes first; admission comes last, since a webhook refuses writes until its own pods run. */
export const STAGES = ['cluster', 'identity', 'config', 'network', 'workload', 'route', 'admission'] as const;
export type Stage = (typeof STAGES)[number];

const HOLDS_DATA = 'It may hold data';

const TABLE: readonly Kind[] = [
  row('v1', 'Namespace', 'namespaces', 'cluster', {
    namespaced: false,
    protected: 'Deleting it deletes all that is in it',
  }),
  row('v1', 'ConfigMap', 'configmaps', 'config'),
  row('v1', 'Secret', 'secrets', 'config', {
    protectedNames: {
      prefixes: ['weka-operator-', 'weka-cluster-', 'weka-client-', 'weka-csi-'],
      why: 'It holds the credentials of WEKA',
    },
  }),
  row('v1', 'Service', 'services', 'network'),
  row('v1', 'ServiceAccount', 'serviceaccounts', 'identity'),
  row('v1', 'Pod', 'pods', 'workload', { allowed: 'by-ceiling' }),
  row('v1', 'PersistentVolume', 'persistentvolumes', 'config', { namespaced: false, protected: HOLDS_DATA }),
  row('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', 'config', { protected: HOLDS_DATA }),
  row('apps/v1', 'Deployment', 'deployments', 'workload'),
  row('apps/v1', 'DaemonSet', 'daemonsets', 'workload'),
  row('apps/v1', 'StatefulSet', 'statefulsets', 'workload'),
  row('batch/v1', 'Job', 'jobs', 'workload'),
  row('batch/v1', 'CronJob', 'cronjobs', 'workload'),
  row('storage.k8s.io/v1', 'StorageClass', 'storageclasses', 'cluster', { namespaced: false }),
  row('storage.k8s.io/v1', 'CSIDriver', 'csidrivers', 'cluster', { namespaced: false }),
  row('networking.k8s.io/v1', 'Ingress', 'ingresses', 'route'),
  row('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', 'network'),
  row('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', 'cluster', { namespaced: false }),
  row('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 'network'),
  row('rbac.authorization.k8s.io/v1', 'Role', 'roles', 'identity', { allowed: 'by-ceiling' }),
  row('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', 'identity', { allowed: 'by-ceiling' }),
  row('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', 'identity', {
    namespaced: false,
    allowed: 'by-ceiling',
  }),
  row('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', 'identity', {
    namespaced: false,
    allowed: 'by-ceiling',
  }),
  ...(
    [
      ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies'],
      ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'],
      ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations'],
      ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations'],
    ] as const
  ).map(([kind, plural]) =>
    row('admissionregistration.k8s.io/v1', kind, plural, 'admission', {
      namespaced: false,
      allowed: 'by-ceiling',
    }),
  ),
];

function row(
  apiVersion: string,
  kind: string,
  plural: string,
  stage: Stage,
  rest: Partial<Pick<Kind, 'namespaced' | 'allowed' | 'protected' | 'protectedNames'>> = {},
): Kind {
  return { apiVersion, kind, plural, stage, namespaced: true, allowed: 'always', ...rest };
}

const BY_GROUP_KIND = new Map(TABLE.map((kind) => [groupKind(kind), kind]));

/** Every kind of plain Kubernetes object that a repository may hold, if its ceilings let it. */
export const KINDS: readonly Kind[] = TABLE;

/** The kind's row; undefined for one that we do not manage. Another version of a known kind is not known. */
export function kindOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): Kind | undefined {
  const kind = BY_GROUP_KIND.get(groupKind(object));
  return kind?.apiVersion === object.apiVersion ? kind : undefined;
}

export function kindNamed(name: GroupKind): Kind | undefined {
  return BY_GROUP_KIND.get(name);
}

/** The stage in which the object of this id is written. */
export function stageOf(id: ObjectId): Stage {
  return kindOf(parseObjectId(id))?.stage ?? 'workload';
}

/** Why `object` is never deleted because its manifest went away; undefined where it may be. */
export function protection(object: KubeObject): string | undefined {
  const kind = kindNamed(groupKind(object));
  if (kind?.protected !== undefined) return kind.protected;
  const { prefixes = [], why } = kind?.protectedNames ?? {};
  return prefixes.some((prefix) => object.metadata.name.startsWith(prefix)) ? why : undefined;
}
