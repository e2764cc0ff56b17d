import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldPath, formatPath, formatStep, lastField, type Step } from './field-path.ts';
import { isAtomicMap, keyedElements } from './merge-keys.ts';

/** Fields that say which object it is, and are never owned by anyone: of the object itself, and of its metadata. */
const IDENTITY: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const METADATA_IDENTITY: ReadonlySet<string> = new Set(['name', 'namespace', 'uid', 'resourceVersion']);

/** Whether `path` belongs to the object's identity and not to its content. */
export function isIdentity(path: FieldPath): boolean {
  if (path.length === 0 || path.length > 2) return false;
  if (path.length === 1) return IDENTITY.has(lastField(path));
  return fieldOf(path[0]) === 'metadata' && METADATA_IDENTITY.has(lastField(path));
}

function fieldOf(step: FieldPath[number] | undefined): string {
  return step !== undefined && 'field' in step ? step.field : '';
}

/** A value that is set or replaced as a whole: a scalar, an empty map or list, a map or list without keys. */
export interface Leaf {
  readonly path: FieldPath;
  /** The path as `formatPath` writes it. */
  readonly text: string;
  readonly value: unknown;
}

export function leaves(object: KubeObject): readonly Leaf[] {
  return leavesBelow(object, []);
}

/** The leaves of `value`, which stands at `path`. */
export function leavesBelow(value: unknown, path: FieldPath): readonly Leaf[] {
  const found: Leaf[] = [];
  collect(value, path, formatPath(path), found);
  return found;
}

function collect(value: unknown, path: FieldPath, text: string, found: Leaf[]): void {
  if (isIdentity(path)) return;
  if (isRecord(value) && !isAtomicMap(path)) {
    const fields = Object.keys(value);
    if (fields.length === 0) found.push({ path, text, value });
    for (const field of fields) below(value[field], { field });
    return;
  }
  const elements = Array.isArray(value) ? keyedElements(path, value) : undefined;
  if (elements === undefined || elements.size === 0) {
    found.push({ path, text, value });
    return;
  }
  for (const { step, element } of elements.values()) below(element, step);

  function below(member: unknown, step: Step): void {
    collect(member, [...path, step], formatStep(text, step), found);
  }
}
