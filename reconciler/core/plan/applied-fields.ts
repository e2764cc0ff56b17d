import { canonicalJson, sha256Bytes } from '../kube/hash.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldPath, formatPath } from './field-path.ts';
import { leaves } from './leaves.ts';

/**
 * Holds which fields we last applied, as three bytes of the SHA-256 of each path. When somebody takes a field from us,
 * the API server forgets that we owned it; with this the planner still tells drift (a field we had set) from a
 * conflict (a field that was never ours). Maps and lists that are replaced as a whole are there with their content
 * too: inside them the server may add defaults, so that live alone does not tell what we had asked for.
 */
export const APPLIED_FIELDS = 'weka-gitops.dev/applied-fields';

const BYTES = 3;

/** What an object's last apply set. */
export interface Applied {
  /** Whether it set the field at `path`. */
  readonly field: (path: FieldPath) => boolean;
  /** Whether it set the field to `value`, for a map or list that is replaced as a whole; undefined where unknown. */
  readonly value: (path: FieldPath, value: unknown) => boolean | undefined;
}

/** The annotation's value for `object`. */
export function appliedFields(object: KubeObject): string {
  const hashes = new Set<string>();
  for (const { path, value } of leaves(object)) {
    hashes.add(shortHash(formatPath(path)));
    if (isWhole(value)) hashes.add(contentHash(path, value));
  }
  return [...hashes].toSorted().join('');
}

/** The annotation of `live`, read. */
export function lastApplied(live: KubeObject): Applied {
  const text = live.metadata.annotations?.[APPLIED_FIELDS];
  const width = (BYTES * 4) / 3;
  const hashes = new Set<string>();
  for (let at = 0; text !== undefined && at + width <= text.length; at += width) {
    hashes.add(text.slice(at, at + width));
  }
  const field = (path: FieldPath) => hashes.has(shortHash(formatPath(path)));
  return {
    field,
    value: (path, value) => (field(path) ? hashes.has(contentHash(path, value)) : undefined),
  };
}

function isWhole(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function contentHash(path: FieldPath, value: unknown): string {
  return shortHash(`${formatPath(path)} ${canonicalJson(value)}`);
}

function shortHash(text: string): string {
  return Buffer.from(sha256Bytes(text).subarray(0, BYTES)).toString('base64url');
}
