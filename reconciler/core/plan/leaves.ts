import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FieldPath, Step } from './field-path.ts';
import { keyedElements } from './merge-keys.ts';

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

/** The paths of all values that are set or replaced as a whole: scalars, empty maps and lists without keys. */
export function* leaves(object: KubeObject): Generator<FieldPath> {
  yield* below(object, []);
}

function* below(value: unknown, path: FieldPath): Generator<FieldPath> {
  if (isIdentity(path)) return;
  if (isRecord(value)) {
    const entries = Object.entries(value);
    if (entries.length === 0) yield path;
    for (const [field, member] of entries) yield* below(member, [...path, { field }]);
    return;
  }
  const elements = Array.isArray(value) ? keyedElements(lastField(path), path, value) : undefined;
  if (elements === undefined || elements.size === 0) {
    yield path;
    return;
  }
  for (const { step, element } of elements.values()) yield* below(element, [...path, step]);
}

/** The name of the field that `path` ends in; empty for an element of a list. */
export function lastField(path: readonly Step[]): string {
  const last = path.at(-1);
  return last !== undefined && 'field' in last ? last.field : '';
}
