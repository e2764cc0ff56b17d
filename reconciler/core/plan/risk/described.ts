import { type KubeObject, objectId } from '../../kube/object.ts';
import { isAppliedByUs } from '../managed-fields.ts';
import type { RiskContext } from './deed.ts';

/**
 * Whether the repository describes the object, so that what it means was seen here. Of one that another made, a manifest of
 * its name says nothing before it is ours.
 */
export function isDescribed(
  object: Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>,
  { asked, live }: RiskContext,
): boolean {
  const id = objectId(object);
  const there = live.get(id);
  return asked.has(id) && (there === undefined || isAppliedByUs(there));
}
