import type { Kind } from '../../core/kube/kinds.ts';
import type { KubeObject } from '../../core/kube/object.ts';

/** Which objects a list holds. */
export interface Selection {
  readonly kind: Kind;
  /** For namespaced kinds; undefined for all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  /** The one object of this name. */
  readonly name?: string;
}

export type Metadata = Pick<KubeObject['metadata'], 'name' | 'namespace'>;

/** What tells objects of one list apart: their names, and their namespaces where it spans several. */
export function keyWithin({ kind, namespace }: Selection): (metadata: Metadata) => string {
  const spans = kind.namespaced && namespace === undefined;
  return spans ? ({ namespace: of = '', name }) => `${of}/${name}` : ({ name }) => name;
}

/** How the API server is asked for the one object, where it is one. */
export function fieldSelector({ name }: Selection): string | undefined {
  return name === undefined ? undefined : `metadata.name=${name}`;
}

/** `configmaps in namespace weka`, `configmaps/settings in namespace weka`. */
export function describeSelection({ kind, namespace, name }: Selection): string {
  const what = name === undefined ? kind.plural : `${kind.plural}/${name}`;
  return namespace === undefined ? what : `${what} in namespace ${namespace}`;
}
