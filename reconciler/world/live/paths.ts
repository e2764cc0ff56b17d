import { type Kind, kindOf } from '../../core/kube/kinds.ts';
import { type KubeObject, objectId } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';

export type Reference = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

/** Where the objects of a kind are listed: in a namespace, or in all of them. */
export function collectionPath(
  { apiVersion, plural, namespaced }: Pick<Kind, 'apiVersion' | 'plural' | 'namespaced'>,
  namespace: string | undefined,
): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace !== undefined
    ? `${root}/namespaces/${segment(namespace)}/${plural}`
    : `${root}/${plural}`;
}

/** Where one object is read and written. */
export function objectPath(object: Reference): string {
  const kind = kindOf(object) ?? (isNode(object) ? NODES : undefined);
  if (kind === undefined) throw invalid(object, 'is of a kind that is not managed here');
  const { name, namespace } = object.metadata;
  if (!isSegment(name)) throw invalid(object, 'has no name that the API server can be asked for');
  if (kind.namespaced && !isSegment(namespace)) throw invalid(object, 'needs a namespace');
  return `${collectionPath(kind, namespace)}/${segment(name)}`;
}

/** No manifest describes a node, and it is never made here; policies put labels on it. */
const NODES = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false } as const;

function isNode({ apiVersion, kind }: Reference): boolean {
  return apiVersion === NODES.apiVersion && kind === NODES.kind;
}

function invalid(object: Reference, what: string): ApiError {
  return new ApiError('API_INVALID', `${objectId(object)} ${what}.`);
}

/** An empty name would address the whole collection, and dots its parents. */
function isSegment(text: string | undefined): text is string {
  return text !== undefined && text !== '' && text !== '.' && text !== '..' && !/[/%]/.test(text);
}

function segment(text: string): string {
  if (!isSegment(text)) throw new Error(`${JSON.stringify(text)} is no name that a path can hold.`);
  return encodeURIComponent(text);
}
