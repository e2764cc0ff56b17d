import type { SharedCluster } from '../cluster/shared.ts';
import { configMap } from './manifests.ts';

/** Names of the ConfigMaps of a namespace, without the one that Kubernetes puts into each. */
export async function configMapNames(cluster: SharedCluster, namespace: string): Promise<readonly string[]> {
  const { stdout } = await cluster.kubectl([
    'get',
    'configmap',
    '-n',
    namespace,
    '--output',
    'jsonpath={.items[*].metadata.name}',
  ]);
  return stdout.split(' ').filter((name) => name !== 'kube-root-ca.crt' && name !== '');
}

/** So many ConfigMaps, `c0` and on, in a file each. */
export function configMapFiles(namespace: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`c${index}.yaml`, configMap(namespace, `c${index}`)]),
  );
}
