import type { Kind } from '../../core/kube/kinds.ts';

/** Which objects a list holds. */
export interface Selection {
  readonly kind: Kind;
  /** For namespaced kinds. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string;
  /** The one object of this name. */
  readonly name?: string;
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
