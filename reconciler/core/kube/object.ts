declare const brand: unique symbol;
/** A string that must not be mixed up with others. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };

/** Any Kubernetes object, as JSON has it. Fields that no schema of ours knows pass through untouched. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
  readonly [field: string]: unknown;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** Who set which fields, as the API server records it. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: FieldsV1;
}

/** A tree whose keys are `f:NAME`, `k:{JSON of a list key}`, `v:VALUE`, `i:INDEX` and `.`. */
export interface FieldsV1 {
  readonly [key: string]: FieldsV1;
}

/** `apps/v1/DaemonSet/namespace/name`, `v1/Namespace/name`: what plans, logs and reports call an object. */
export type ObjectId = Brand<'ObjectId'>;

export function objectId(object: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): ObjectId {
  const { name, namespace } = object.metadata;
  return [object.apiVersion, object.kind, ...(namespace === undefined ? [] : [namespace]), name].join(
    '/',
  ) as ObjectId;
}

/** The API version, kind and (for namespaced kinds) namespace that an id begins with. */
export function parseObjectId(id: ObjectId): {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string;
} {
  const parts = id.split('/');
  const [first = ''] = parts;
  const core = /^v\d/.test(first);
  const [kind = '', ...rest] = parts.slice(core ? 1 : 2);
  return {
    apiVersion: core ? first : parts.slice(0, 2).join('/'),
    kind,
    namespace: rest.length > 1 ? rest[0] : undefined,
    name: rest.at(-1) ?? '',
  };
}

/** `DaemonSet.apps`, `ConfigMap`: how KEP-3659 and our settings name a kind without its version. */
export type GroupKind = Brand<'GroupKind'>;

export function groupKind(object: { readonly apiVersion: string; readonly kind: string }): GroupKind {
  const group = groupOf(object.apiVersion);
  return (group === '' ? object.kind : `${object.kind}.${group}`) as GroupKind;
}

/** The API group in `group/version`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
