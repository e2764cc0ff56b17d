import type { KubeObject } from '../core/kube/object.ts';
import { installLabels } from './install-labels.ts';
import type { InstallationNames } from './installation-names.ts';

/**
 * The lease of a new installation, which nobody holds: where there is none, a process waits for whoever may have had it. It is made
 * together with its namespace and never later, when somebody may believe to hold one that went away.
 */
export function firstLease(
  { name, namespace }: Pick<InstallationNames, 'name' | 'namespace'>,
  version: string,
): KubeObject {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace, labels: installLabels(name, version) },
  };
}
