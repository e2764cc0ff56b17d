import { FactsCollector } from '../../core/facts/collect-facts.ts';
import type { Facts, FactsOrigin } from '../../core/facts/facts.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { AGENT_NAMESPACE } from '../../core/nodes/agent-report.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list, type Listing } from '../live/list.ts';
import { everywhere } from './everywhere.ts';

/**
 * The facts of the cluster as it is now, each kind listed once. It takes the right to list nodes, pods and ConfigMaps
 * everywhere; of Secrets only names are asked for, and where that is forbidden they are not known.
 */
export async function liveFacts(api: KubeApi, installation?: FactsOrigin): Promise<Facts> {
  const { agentNamespace = AGENT_NAMESPACE } = installation ?? {};
  const collector = new FactsCollector(agentNamespace);
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
    // What some ConfigMaps hold matters too, and is taken once their names are.
    read('ConfigMap', 'configmaps', { metadataOnly: true }).then(() =>
      Promise.all([addKubeletConfig(api, collector), addReports(api, collector, agentNamespace)]),
    ),
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

async function addKubeletConfig(api: KubeApi, collector: FactsCollector): Promise<void> {
  const path = '/api/v1/namespaces/kube-system/configmaps/kubelet-config';
  const object = await whereAllowed(() => api.request<KubeObject>('GET', path));
  if (object !== undefined) collector.add(object, 'ConfigMap');
}

async function addReports(api: KubeApi, collector: FactsCollector, namespace: string): Promise<void> {
  const kind = { ...everywhere('ConfigMap', 'configmaps'), namespaced: true };
  const keep = (object: KubeObject): KubeObject => {
    collector.addReport(object.metadata.name, { ...object });
    return named(object);
  };
  await list(api, { kind, namespace, keep });
}

async function whereAllowed<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}
