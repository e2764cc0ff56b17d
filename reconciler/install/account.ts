import type { KubeObject } from '../core/kube/object.ts';
import type { Rule } from './rules.ts';

/** A service account. */
export interface Account {
  readonly namespace: string;
  readonly serviceAccount: string;
}

const RBAC = 'rbac.authorization.k8s.io';

export function serviceAccount({ namespace, serviceAccount: name }: Account): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
}

/** What the API server calls an account. */
export function userName({ namespace, serviceAccount: name }: Account): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** Gives an account the rights of a Role in its namespace, or those of a ClusterRole everywhere; called like the role. */
export function roleBinding(
  { kind, metadata: { name, namespace } }: KubeObject,
  account: Account,
): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: `${kind}Binding`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    roleRef: { apiGroup: RBAC, kind, name },
    subjects: [{ kind: 'ServiceAccount', name: account.serviceAccount, namespace: account.namespace }],
  };
}

/** A Role with these rules where a namespace is named, and a ClusterRole otherwise. */
export function roleOf(name: string, rules: readonly Rule[], namespace?: string): KubeObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: namespace === undefined ? 'ClusterRole' : 'Role',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    rules,
  };
}

/** Roles, each followed by the binding that gives it to the account. */
export function bound(roles: readonly KubeObject[], account: Account): readonly KubeObject[] {
  return roles.flatMap((role) => [role, roleBinding(role, account)]);
}
