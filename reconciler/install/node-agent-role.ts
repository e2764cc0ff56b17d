import type { KubeObject } from '../core/kube/object.ts';

/**
 * All that the agents of nodes are allowed: the ConfigMaps of their own namespace, which they cannot list. Agents share an account,
 * and names of objects in rights would be the same for every node, so that each may read what is asked of the others, and
 * what these answer; `nodeAgentAdmission` tells them apart where they write.
 */
export function nodeAgentRole(namespace: string, name = 'weka-nodeagent'): KubeObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name, namespace },
    rules: [
      // By server-side apply, which makes an object by create and patch.
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'watch', 'create', 'patch'] },
    ],
  };
}
