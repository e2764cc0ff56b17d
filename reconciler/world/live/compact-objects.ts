import type { KubeObject, ManagedFieldsEntry } from '../../core/kube/object.ts';
import { isOurs } from '../../core/plan/managed-fields.ts';
import { WantedValues } from './wanted-values.ts';

/** kubectl keeps a copy of the whole object here. */
const COPY = 'kubectl.kubernetes.io/last-applied-configuration';
/** Where more differs than that, little of it is worth sharing. */
const MOST_SHARED = 1000;
/** Longer texts are seldom the same twice. */
const LONGEST_SHARED = 4096;

/**
 * Makes objects small that are kept for long: what is the same in many of them is there once, and what nobody here asks
 * for is left out. That is who reports a status and when a field was set, and kubectl's copy of what it applied,
 * unless that annotation is in a manifest of ours. What is as it is wanted is held once with that.
 */
export class CompactObjects {
  /** By their JSON. */
  readonly #parts = new Map<string, unknown>();
  readonly #wanted: WantedValues;

  constructor(wanted: WantedValues = new WantedValues()) {
    this.#wanted = wanted;
  }

  /** `object` as it is kept. */
  object({ apiVersion, kind, metadata, ...rest }: KubeObject): KubeObject {
    const { managedFields, namespace, creationTimestamp, labels, annotations, ...others } = metadata;
    return this.#wanted.shared({
      apiVersion: this.#shared(apiVersion),
      kind: this.#shared(kind),
      metadata: {
        ...others,
        ...(namespace === undefined ? {} : { namespace: this.#shared(namespace) }),
        ...(creationTimestamp === undefined ? {} : { creationTimestamp: this.#shared(creationTimestamp) }),
        ...(labels === undefined ? {} : { labels: this.#shared(labels) }),
        ...(annotations === undefined
          ? {}
          : { annotations: this.#shared(wanted(annotations, managedFields)) }),
        ...(managedFields === undefined ? {} : { managedFields: this.#shared(managers(managedFields)) }),
      },
      ...rest,
    });
  }

  #shared<Part>(part: Part): Part {
    const key = JSON.stringify(part);
    const known = this.#parts.get(key);
    if (known !== undefined) return known as Part;
    if (key.length > LONGEST_SHARED) return part;
    if (this.#parts.size >= MOST_SHARED) this.#parts.clear();
    this.#parts.set(key, part);
    return part;
  }
}

function wanted(
  annotations: Readonly<Record<string, string>>,
  managedFields: readonly ManagedFieldsEntry[] = [],
): Readonly<Record<string, string>> {
  if (!(COPY in annotations)) return annotations;
  const ours = managedFields.find(isOurs)?.fieldsV1?.['f:metadata']?.['f:annotations'];
  if (ours?.[`f:${COPY}`] !== undefined) return annotations;
  const { [COPY]: _, ...rest } = annotations;
  return rest;
}

function managers(entries: readonly ManagedFieldsEntry[]): readonly ManagedFieldsEntry[] {
  return entries
    .filter(({ subresource }) => subresource !== 'status')
    .map(({ manager, operation, subresource, fieldsV1 }) => ({
      ...(manager === undefined ? {} : { manager }),
      ...(operation === undefined ? {} : { operation }),
      ...(subresource === undefined ? {} : { subresource }),
      ...(fieldsV1 === undefined ? {} : { fieldsV1 }),
    }));
}
