import { sha256Bytes } from '../kube/hash.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldPath, formatPath } from './field-path.ts';
import { leaves } from './leaves.ts';

/**
 * Holds which fields we last applied, as three bytes of the SHA-256 of each path. When somebody takes a field from us,
 * the API server forgets that we owned it; with this the planner still tells drift (a field we had set) from a
 * conflict (a field that was never ours).
 */
export const APPLIED_FIELDS = 'weka-gitops.dev/applied-fields';

const BYTES = 3;

/** The annotation's value for `object`. */
export function appliedFields(object: KubeObject): string {
  const hashes = new Set<string>();
  for (const path of leaves(object)) hashes.add(pathHash(path));
  return [...hashes].toSorted().join('');
}

/** Tells for a path whether the object's last apply set it. */
export function wasApplied(live: KubeObject): (path: FieldPath) => boolean {
  const text = live.metadata.annotations?.[APPLIED_FIELDS] ?? '';
  const width = (BYTES * 4) / 3;
  const hashes = new Set<string>();
  for (let at = 0; at + width <= text.length; at += width) hashes.add(text.slice(at, at + width));
  return (path) => hashes.has(pathHash(path));
}

function pathHash(path: FieldPath): string {
  return Buffer.from(sha256Bytes(formatPath(path)).subarray(0, BYTES)).toString('base64url');
}
