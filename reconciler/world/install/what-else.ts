import { INTENT_PREFIX, REPORT_PREFIX } from '../../../schemas/node/config-maps.ts';
import { type KubeObject, objectId, type ObjectId } from '../../core/kube/object.ts';
import { bounded } from '../apply/bounded.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

interface Item {
  readonly metadata: KubeObject['metadata'];
}

/** What agents and reconciler said to each other, which only they may write. */
const OF_AGENTS = [INTENT_PREFIX, REPORT_PREFIX];

/** What Kubernetes puts into every namespace, and what goes by itself. */
const OF_EVERY_NAMESPACE = new Set(['v1/ConfigMap/kube-root-ca.crt', 'v1/ServiceAccount/default']);
const TRANSIENT = new Set(['Event', 'Endpoints', 'EndpointSlice', 'PodMetrics']);
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/**
 * One object that a namespace holds beside what Kubernetes itself puts there, what agents said, and beside `known`; undefined only where all kinds could be
 * looked at and there is none.
 */
export async function whatElse(
  api: KubeApi,
  namespace: string,
  known: readonly KubeObject[] = [],
): Promise<ObjectId | undefined> {
  const own = new Set(known.map(objectId));
  const groups = await api.request<{
    readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
  }>('GET', '/apis');
  const versions = ['v1', ...groups.groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
  const kinds = await bounded(versions, 8, async (apiVersion) => {
    const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
    const { resources } = await api.request<{ readonly resources: readonly Resource[] }>('GET', root);
    return resources
      .filter(({ name, namespaced, verbs }) => namespaced && !name.includes('/') && verbs.includes('list'))
      .filter(({ kind }) => !TRANSIENT.has(kind))
      .map(({ name, kind }) => ({ apiVersion, kind, path: `${root}/namespaces/${namespace}/${name}` }));
  });
  const found = await bounded(kinds.flat(), 8, async ({ apiVersion, kind, path }) => {
    try {
      const { items } = await api.request<{ readonly items: readonly Item[] | null }>('GET', path, {
        accept: METADATA_ONLY,
        query: { limit: 100 },
      });
      return (items ?? [])
        .filter(({ metadata }) => !isMade(metadata))
        .map(({ metadata }) => ({ apiVersion, kind, metadata }))
        .find(
          (each) =>
            !own.has(objectId(each)) &&
            !(kind === 'ConfigMap' && OF_AGENTS.some((prefix) => each.metadata.name.startsWith(prefix))) &&
            !OF_EVERY_NAMESPACE.has(`${apiVersion}/${kind}/${each.metadata.name}`),
        );
    } catch (error) {
      // A kind that is served no more has none.
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  });
  const first = found.find((each) => each !== undefined);
  return first && objectId(first);
}

/** Whether a controller made it: it goes with what that made it for. */
function isMade({ ownerReferences = [] }: KubeObject['metadata']): boolean {
  return ownerReferences.some(({ controller }) => controller === true);
}
