import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FieldPath } from './field-path.ts';
import { isAtomicMap, keyedElements } from './merge-keys.ts';

/** Fields that say which object it is, and are never owned by anyone. */
const IDENTITY = new Set([
  'apiVersion',
  'kind',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'metadata.resourceVersion',
]);

/** Whether `path` belongs to the object's identity and not to its content. */
export function isIdentity(path: FieldPath): boolean {
  if (path.length > 2) return false;
  return IDENTITY.has(path.map((step) => ('field' in step ? step.field : '')).join('.'));
}

/** A value that is set or replaced as a whole: a scalar, an empty map or list, a map or list without keys. */
export interface Leaf {
  readonly path: FieldPath;
  readonly value: unknown;
}

export function leaves(object: KubeObject): Generator<Leaf> {
  return leavesBelow(object, []);
}

/** The leaves of `value`, which stands at `path`. */
export function* leavesBelow(value: unknown, path: FieldPath): Generator<Leaf> {
  if (isIdentity(path)) return;
  if (isRecord(value) && !isAtomicMap(path)) {
    const entries = Object.entries(value);
    if (entries.length === 0) yield { path, value };
    for (const [field, member] of entries) yield* leavesBelow(member, [...path, { field }]);
    return;
  }
  const elements = Array.isArray(value) ? keyedElements(path, value) : undefined;
  if (elements === undefined || elements.size === 0) {
    yield { path, value };
    return;
  }
  for (const { step, element } of elements.values()) yield* leavesBelow(element, [...path, step]);
}
