import type { KubeObject } from '../core/kube/object.ts';

/** A service account. */
export interface Account {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export function serviceAccount({ namespace, serviceAccount: name }: Account): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

/** Gives an account the rights of a Role in its namespace, or those of a ClusterRole everywhere; called like the role. */
export function roleBinding(
  { kind, metadata: { name, namespace } }: KubeObject,
  account: Account,
): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: [{ kind: 'ServiceAccount', name: account.serviceAccount, namespace: account.namespace }],
  };
}
