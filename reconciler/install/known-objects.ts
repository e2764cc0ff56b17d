import type { KubeObject } from '../core/kube/object.ts';
import { ownObjects, type OwnScope } from './own-objects.ts';
import { configName } from './process-pod.ts';

/**
 * Everything that an installation of these names may have made, with other options and in other versions too, in the order in which it
 * is made. Nothing else of a cluster is ever removed by us.
 */
export function knownObjects(scope: OwnScope): readonly KubeObject[] {
  const { reconciler, planner, namespace } = scope.names;
  return [
    ...ownObjects(scope),
    ...[reconciler, planner].flatMap((account): readonly KubeObject[] => [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: configName(account), namespace } },
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'PodMonitor',
        metadata: { name: account.serviceAccount, namespace },
      },
    ]),
  ];
}
