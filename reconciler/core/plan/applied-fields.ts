import { canonicalJson, sha256Bytes } from '../kube/hash.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldPath, formatPath } from './field-path.ts';
import { leaves } from './leaves.ts';

/**
 * Holds which fields we last applied, as three bytes of the SHA-256 of each path. When somebody takes a field from us,
 * the API server forgets that we owned it; with this the planner still tells drift (a field we had set) from a
 * conflict (a field that was never ours). Maps and lists that are replaced as a whole, and values that stand for none, are
 * there with their content too: the server may put defaults inside or in their place, so that live alone does not tell
 * what we had asked for.
 */
export const APPLIED_FIELDS = 'weka-gitops.dev/applied-fields';

const BYTES = 3;

/** What an object's last apply set. */
export interface Applied {
  /** Whether it set the field at `path`. */
  readonly field: (path: FieldPath) => boolean;
  /** Whether it set the field to `value`, which is replaced as a whole or stands for none; undefined where unknown. */
  readonly value: (path: FieldPath, value: unknown) => boolean | undefined;
}

/** The annotation's value for `object`. */
export function appliedFields(object: KubeObject): string {
  const hashes = new Set<string>();
  for (const { text, value } of leaves(object)) {
    hashes.add(pathHash(text));
    if (isWhole(value) || value === '' || value === 0) hashes.add(contentHash(text, value));
  }
  return [...hashes].toSorted().join('');
}

/** The annotation of `live`, read. */
export function lastApplied(live: KubeObject): Applied {
  const text = live.metadata.annotations?.[APPLIED_FIELDS] ?? '';
  const width = (BYTES * 4) / 3;
  const has = (hash: string): boolean => {
    let at = text.indexOf(hash);
    // Between two hashes their ends may look like another.
    while (at !== -1 && at % width !== 0) at = text.indexOf(hash, at + 1);
    return at !== -1;
  };
  return {
    field: (path) => has(pathHash(formatPath(path))),
    value: (path, value) => {
      const formatted = formatPath(path);
      return has(pathHash(formatted)) ? has(contentHash(formatted, value)) : undefined;
    },
  };
}

function isWhole(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function contentHash(path: string, value: unknown): string {
  return shortHash(`${path} ${canonicalJson(value)}`);
}

/** Most objects set the same fields. */
const pathHashes = new Map<string, string>();
const MAX_HASHES = 10_000;

function pathHash(path: string): string {
  const known = pathHashes.get(path);
  if (known !== undefined) return known;
  const made = shortHash(path);
  if (pathHashes.size >= MAX_HASHES) pathHashes.clear();
  pathHashes.set(path, made);
  return made;
}

function shortHash(text: string): string {
  const { buffer, byteOffset } = sha256Bytes(text);
  return Buffer.from(buffer, byteOffset, BYTES).toString('base64url');
}
