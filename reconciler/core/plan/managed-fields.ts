import type { FieldsV1, KubeObject, ManagedFieldsEntry } from '../kube/object.ts';
import type { FieldPath, Step } from './field-path.ts';
import { KEY_DEFAULTS } from './merge-keys.ts';

/** The name under which we apply. Ownership, drift and pruning all rest on it. */
export const FIELD_MANAGER = 'weka-gitops';

/** The name under which `weka-gitops install` applies. What it set gives way to a repository that may hold it too. */
export const INSTALL_MANAGER = 'weka-gitops-install';

/** What we applied and still own; undefined where we never applied the object. */
export function ourFields(live: KubeObject): FieldsV1 | undefined {
  return live.metadata.managedFields?.find(isOurs)?.fieldsV1;
}

/** Whether `live` carries an Apply entry of ours: the proof of membership that a copied label cannot fake. */
export function isAppliedByUs(live: KubeObject): boolean {
  return live.metadata.managedFields?.some(isOurs) ?? false;
}

/** Whether it is the entry of what we apply. */
export function isOurs(entry: ManagedFieldsEntry): boolean {
  return entry.manager === FIELD_MANAGER && entry.operation === 'Apply' && !entry.subresource;
}

/** Somebody else who owns a field. */
export interface OtherManager {
  readonly name: string;
  /** Whether it applies the field too, and so would set it back. */
  readonly applies: boolean;
}

/** The managers other than us that own the field at `path`, or something below it: those that apply it come first. */
export function otherManagers(live: KubeObject, path: FieldPath): readonly OtherManager[] {
  const managers = new Map<string, OtherManager>();
  for (const entry of live.metadata.managedFields ?? []) {
    if (isOurs(entry) || entry.fieldsV1 === undefined) continue;
    if (subtree(entry.fieldsV1, path) === undefined) continue;
    const { manager: name = 'unknown', operation } = entry;
    const applies = operation === 'Apply' || managers.get(name)?.applies === true;
    managers.set(name, { name, applies });
  }
  return [...managers.values()].toSorted(
    (a, b) => Number(b.applies) - Number(a.applies) || (a.name < b.name ? -1 : 1),
  );
}

/**
 * What `fields` says below `path`: a tree, where an empty one is a leaf. Undefined where `path` is not owned. A parent
 * that is owned as a whole (a list or map replaced at once) owns all below it.
 */
export function subtree(fields: FieldsV1, path: FieldPath): FieldsV1 | undefined {
  let node = fields;
  for (const [depth, step] of path.entries()) {
    const child = childOf(node, step);
    if (child === undefined) {
      return depth > 0 && Object.keys(node).length === 0 ? node : undefined;
    }
    node = child;
  }
  return node;
}

/** Whether `fields` have `path` itself, and not only a parent that was empty when it was set, or that is owned as a whole. */
export function ownsItself(fields: FieldsV1, path: FieldPath): boolean {
  let node: FieldsV1 | undefined = fields;
  for (const step of path) {
    node = childOf(node, step);
    if (node === undefined) return false;
  }
  return true;
}

function childOf(node: FieldsV1, step: Step): FieldsV1 | undefined {
  return node[stepKey(step)] ?? keyedChild(node, step);
}

/** How a step is written in a tree of managed fields. */
export function stepKey(step: Step): string {
  if ('field' in step) return `f:${step.field}`;
  if ('value' in step) return `v:${JSON.stringify(step.value)}`;
  if ('index' in step) return `i:${step.index}`;
  return `k:${JSON.stringify(step.keys)}`;
}

/** The API server writes the keys of a list in its own order, so the text alone may not match. */
function keyedChild(node: FieldsV1, step: Step): FieldsV1 | undefined {
  if (!('keys' in step)) return undefined;
  const wanted = Object.entries(step.keys);
  for (const [key, child] of Object.entries(node)) {
    if (!key.startsWith('k:')) continue;
    const keys: unknown = JSON.parse(key.slice(2));
    if (typeof keys !== 'object' || keys === null) continue;
    const values = keys as Record<string, unknown>;
    if (
      Object.keys(values).length === wanted.length &&
      wanted.every(([name, value]) => (values[name] === '' ? KEY_DEFAULTS[name] : values[name]) === value)
    ) {
      return child;
    }
  }
  return undefined;
}
