import type { KubeObject } from '../core/kube/object.ts';

/**
 * The namespace of the node agents and of what they and the reconciler say to each other. It holds no Secret, and nothing that a
 * repository describes goes there. Agents look at their whole host, which only privileged pods may.
 */
export function agentNamespace(name = 'weka-gitops-nodes'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
  };
}
