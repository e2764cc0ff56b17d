import type { KubeObject } from '../core/kube/object.ts';

/** The highest that a class of ours may have. */
const HIGHEST = 1_000_000_000;

/**
 * The classes of WEKA's pods, called and graded as the operator's: those that are bound to a node before the others, each in a form that
 * displaces nobody.
 */
export function wekaPriorityClasses(): readonly KubeObject[] {
  return [
    ...pair('weka-targeted', HIGHEST, 'Pods of WEKA that are bound to a node.'),
    ...pair('weka-initial', HIGHEST - 100_000_000, 'Pods of WEKA that look for a node.'),
  ];
}

/** The class of our own pods: nothing displaces them but what belongs to Kubernetes, and they displace nothing. */
export function ownPriorityClass(name: string): KubeObject {
  return priorityClass(name, HIGHEST, 'Never', 'The reconciler of WEKA storage and its node agents.');
}

function pair(name: string, value: number, description: string): readonly KubeObject[] {
  return [
    priorityClass(name, value, 'PreemptLowerPriority', description),
    priorityClass(`${name}-no-evict`, value, 'Never', `${description} They displace no others.`),
  ];
}

function priorityClass(
  name: string,
  value: number,
  preemptionPolicy: 'Never' | 'PreemptLowerPriority',
  description: string,
): KubeObject {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    preemptionPolicy,
    description,
  };
}
