import type { ApplySetParent } from '../../core/desired/ownership.ts';
import { FactsCollector } from '../../core/facts/collect-facts.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list, type Listing } from '../live/list.ts';
import { everywhere } from './everywhere.ts';

/**
 * The facts of the cluster as it is now, each kind listed once. It takes the right to list nodes, pods and ConfigMaps
 * everywhere; of Secrets only names are asked for, and where that is forbidden they are not known.
 */
export async function liveFacts(api: KubeApi, installation?: ApplySetParent): Promise<Facts> {
  const collector = new FactsCollector();
  // Nothing of an object is kept but what decides anything.
  const keep = (object: KubeObject): KubeObject => {
    collector.add(object);
    return named(object);
  };
  const read = (kind: string, plural: string, more: Partial<Listing> = {}) =>
    list(api, { kind: everywhere(kind, plural), keep, ...more });
  await Promise.all([
    read('Node', 'nodes'),
    read('Pod', 'pods'),
    read('ConfigMap', 'configmaps', { metadataOnly: true }).then(() => addKubeletConfig(api, collector)),
    whereAllowed(() => read('Secret', 'secrets', { metadataOnly: true, keep: named })).then((listed) => {
      if (listed !== undefined) collector.knowSecrets();
      for (const { metadata } of listed ?? []) collector.addSecret(metadata.namespace ?? '', metadata.name);
    }),
  ]);
  return collector.facts(installation);
}

/** No more of an object than its name. */
function named({ apiVersion, kind, metadata: { namespace, name } }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** The only ConfigMap whose content matters. */
async function addKubeletConfig(api: KubeApi, collector: FactsCollector): Promise<void> {
  const path = '/api/v1/namespaces/kube-system/configmaps/kubelet-config';
  const object = await whereAllowed(() => api.request<KubeObject>('GET', path));
  if (object !== undefined) collector.add(object, 'ConfigMap');
}

async function whereAllowed<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}
