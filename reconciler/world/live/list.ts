import { record, records } from '../../core/kube/json.ts';
import type { Kind } from '../../core/kube/kinds.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { collectionPath } from './paths.ts';

const PAGE = 500;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface Listing {
  readonly kind: Kind;
  /** For namespaced kinds; all namespaces where unset. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Names, labels and the like, and nothing else of each object. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal;
  /** What is kept of each object, so that no more than one page is in memory as it came. */
  readonly keep?: (object: KubeObject) => KubeObject;
}

export interface Listed {
  readonly objects: readonly KubeObject[];
  /** The state that the list shows, for a watch to go on from. */
  readonly resourceVersion: string | undefined;
}

/** All of a list, page by page, or an error: part of a list is never returned. */
export async function list(api: KubeApi, listing: Listing): Promise<readonly KubeObject[]> {
  return (await listAt(api, listing)).objects;
}

/** As `list`, with the version of what it shows. */
export async function listAt(api: KubeApi, listing: Listing): Promise<Listed> {
  try {
    return await pages(api, listing);
  } catch (error) {
    // It took so long that the API server no longer knows the state that the first page showed.
    if (!(error instanceof ApiError && error.code === 'API_GONE')) throw error;
    return await pages(api, listing);
  }
}

async function pages(api: KubeApi, listing: Listing): Promise<Listed> {
  const { kind, namespace, labelSelector, fieldSelector, metadataOnly = false, signal } = listing;
  const { keep = (object) => object } = listing;
  const { apiVersion, kind: kindName } = kind;
  const path = collectionPath(kind, namespace);
  const objects: KubeObject[] = [];
  let next: string | undefined;
  let version: unknown;
  do {
    const page: Readonly<Record<string, unknown>> = await api.request('GET', path, {
      query: { limit: PAGE, labelSelector, fieldSelector, continue: next },
      ...(metadataOnly && { accept: METADATA_ONLY }),
      ...(signal && { signal }),
    });
    if (!isWhole(page)) {
      const message = `The API server answered the list of ${kind.plural} with something else.`;
      throw new ApiError('API_UNAVAILABLE', message);
    }
    // The items of a list do not say what they are.
    for (const item of records(page['items']))
      objects.push(keep({ ...item, apiVersion, kind: kindName } as KubeObject));
    const { continue: token, resourceVersion } = record(page['metadata']);
    // Every page shows the state that the first one did.
    version ??= resourceVersion;
    next = typeof token === 'string' && token !== '' ? token : undefined;
  } while (next !== undefined);
  return { objects, resourceVersion: typeof version === 'string' && version !== '' ? version : undefined };
}

/** Whether it is a list of objects with names: whatever else was cut out of an answer must not read as absence. */
function isWhole(page: Readonly<Record<string, unknown>>): boolean {
  const { kind, items } = page;
  // The API server has no empty list for metadata alone: it says null.
  if (kind === 'PartialObjectMetadataList' && items === null) return true;
  return (
    typeof kind === 'string' &&
    kind.endsWith('List') &&
    Array.isArray(items) &&
    items.every((item) => typeof record(record(item)['metadata'])['name'] === 'string')
  );
}
