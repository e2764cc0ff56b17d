import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ManagedFieldsEntry } from '../../core/kube/object.ts';

/** How an object became another: in what somebody asks of it, or only in what is said of its state. */
export type Difference = 'none' | 'status' | 'object';

/** What tells two versions of an object apart, save the times and versions that every write moves. */
export function difference(before: KubeObject, after: KubeObject): Difference {
  const { status: said, ...rest } = before;
  const { status: saying, ...other } = after;
  if (!isDeepStrictEqual(asked(rest), asked(other))) return 'object';
  return isDeepStrictEqual(said, saying) ? 'none' : 'status';
}

function asked(object: KubeObject): object {
  const { resourceVersion: _, generation: __, managedFields = [], ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, managedFields: managedFields.filter(isAsked).map(timeless) } };
}

/** Who owns a field matters to us as much as its value; who reports a status does not. */
function isAsked({ subresource = '' }: ManagedFieldsEntry): boolean {
  return subresource !== 'status';
}

function timeless({ time: _, ...entry }: ManagedFieldsEntry): ManagedFieldsEntry {
  return entry;
}
