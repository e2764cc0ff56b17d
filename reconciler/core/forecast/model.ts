import type { FieldsV1, KubeObject, ManagedFieldsEntry, ObjectId } from '../kube/object.ts';
import type { Write } from '../plan/change.ts';
import type { FieldPath } from '../plan/field-path.ts';
import { leaves } from '../plan/leaves.ts';
import { FIELD_MANAGER, isOurs, stepKey } from '../plan/managed-fields.ts';

/** A cluster as it would be after writes that all succeed, without what only the server and its controllers add. */
export class ModelCluster {
  readonly #objects: Map<ObjectId, KubeObject>;
  #version = 0;

  constructor(objects: ReadonlyMap<ObjectId, KubeObject>) {
    this.#objects = new Map(objects);
  }

  get objects(): ReadonlyMap<ObjectId, KubeObject> {
    return this.#objects;
  }

  /** Carries out `write` at once. */
  apply(write: Write): void {
    switch (write.op) {
      case 'create':
        this.#objects.set(write.id, this.#stored(write.desired, undefined));
        return;
      case 'replace':
        this.#delete(write.id);
        // What its finalizers hold is made anew by the pass that finds it gone.
        if (!this.#objects.has(write.id)) this.#objects.set(write.id, this.#stored(write.desired, undefined));
        return;
      case 'update':
        this.#objects.set(write.id, this.#stored(write.desired, this.#objects.get(write.id) ?? write.live));
        return;
      case 'prune':
        this.#delete(write.id);
    }
  }

  /** Lets what is being deleted go, as it does once its finalizers have run. True where anything went. */
  settle(): boolean {
    const going = [...this.#objects].filter(([, { metadata }]) => metadata.deletionTimestamp !== undefined);
    for (const [id, object] of going) this.#remove(id, object);
    return going.length > 0;
  }

  /** A namespace takes along what is in it. */
  #remove(id: ObjectId, { kind, metadata: { name } }: KubeObject): void {
    this.#objects.delete(id);
    if (kind !== 'Namespace') return;
    for (const [other, { metadata }] of this.#objects)
      if (metadata.namespace === name) this.#objects.delete(other);
  }

  #delete(id: ObjectId): void {
    const live = this.#objects.get(id);
    if (live === undefined) return;
    if ((live.metadata.finalizers ?? []).length === 0) this.#remove(id, live);
    else this.#objects.set(id, { ...live, metadata: { ...live.metadata, deletionTimestamp: MODEL_TIME } });
  }

  #stored(desired: KubeObject, live: KubeObject | undefined): KubeObject {
    this.#version += 1;
    const { finalizers, ownerReferences, managedFields = [] } = live?.metadata ?? {};
    const ours: ManagedFieldsEntry = {
      manager: FIELD_MANAGER,
      operation: 'Apply',
      fieldsV1: fieldsOf(leaves(desired).map(({ path }) => path)),
    };
    return {
      ...desired,
      ...(live?.['status'] === undefined ? {} : { status: live['status'] }),
      metadata: {
        ...desired.metadata,
        ...(finalizers === undefined ? {} : { finalizers }),
        ...(ownerReferences === undefined ? {} : { ownerReferences }),
        uid: live?.metadata.uid ?? `forecast-${this.#version}`,
        resourceVersion: `forecast-${this.#version}`,
        managedFields: [...managedFields.filter((entry) => !isOurs(entry)), ours],
      },
    };
  }
}

/** Any time will do: only whether there is one is looked at. */
const MODEL_TIME = '1970-01-01T00:00:00Z';

/** The tree in which the API server keeps that somebody owns `paths`. */
function fieldsOf(paths: readonly FieldPath[]): FieldsV1 {
  const root: MutableFields = {};
  for (const path of paths) {
    let node = root;
    for (const step of path) node = node[stepKey(step)] ??= {};
  }
  return root;
}

interface MutableFields {
  [key: string]: MutableFields;
}
