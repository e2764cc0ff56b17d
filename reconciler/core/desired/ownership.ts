import { sha256Bytes } from '../kube/hash.ts';
import type { KubeObject } from '../kube/object.ts';
import { APPLIED_FIELDS, appliedFields } from '../plan/applied-fields.ts';

/** Label on every member of an ApplySet; its value is the set's id. */
export const PART_OF = 'applyset.kubernetes.io/part-of';

/** Where the parent of our ApplySet stands. */
export interface ApplySetParent {
  readonly name: string;
  readonly namespace: string;
}

/**
 * The id of the ApplySet whose parent is the ConfigMap `parent`: `applyset-` and the unpadded URL-safe base64 of
 * SHA-256 of `<name>.<namespace>.<kind>.<group>`, then `-v1` (KEP-3659).
 */
export function applySetId({ name, namespace }: ApplySetParent): string {
  const hash = Buffer.from(sha256Bytes(`${name}.${namespace}.ConfigMap.`)).toString('base64url');
  return `applyset-${hash}-v1`;
}

/** `object` as it is applied: with the label of its ApplySet and the record of the fields that we set. */
export function withOwnership(object: KubeObject, applySet: string): KubeObject {
  const { metadata } = object;
  const labelled: KubeObject = {
    ...object,
    metadata: { ...metadata, labels: { ...metadata.labels, [PART_OF]: applySet } },
  };
  const annotations = { ...metadata.annotations, [APPLIED_FIELDS]: appliedFields(labelled) };
  return { ...labelled, metadata: { ...labelled.metadata, annotations } };
}
