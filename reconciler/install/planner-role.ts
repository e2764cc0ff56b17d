import { KINDS } from '../core/kube/kinds.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { byGroup, READ, WRITE } from './rules.ts';

const PLANNER = 'weka-gitops-planner';

/**
 * The least that the planner of pull requests has to be allowed: what a plan reads, and what a server-side dry run of it takes.
 * `plannerAdmission` refuses every write that is none. It deletes nothing, not even to try, and has no right to Secrets, since
 * what it is shown comes from whoever opens a pull request: a dry run answers with the whole object, so that the right to
 * make one is the right to read.
 */
export function plannerRole(name = PLANNER): KubeObject {
  const kinds = KINDS.filter(({ allowed, kind }) => allowed === 'always' && kind !== 'Secret');
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [
      ...byGroup(kinds, [...READ, ...WRITE]),
      { apiGroups: [''], resources: ['pods'], verbs: [...READ, ...WRITE] },
      { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
    ],
  };
}

/**
 * Beside `plannerRole`, what it takes to show changes of the Secrets of one namespace, by names of keys and marks of values. Without it
 * the plan of a pull request is made without them, and says so.
 */
export function plannerSecretsRole(namespace: string, name = PLANNER): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace },
    rules: [{ apiGroups: [''], resources: ['secrets'], verbs: [...READ, ...WRITE] }],
  };
}
