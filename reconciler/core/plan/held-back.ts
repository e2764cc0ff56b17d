import type { DesiredObject } from '../desired/desired.ts';
import type { ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';

/** Objects that cannot work before a broken manifest is mended, directly or through others that wait. */
export function heldBack(
  desired: readonly DesiredObject[],
  broken: ReadonlyMap<ObjectId, string>,
): ReadonlyMap<ObjectId, string> {
  const held = new Map<ObjectId, string>();
  if (broken.size === 0) return held;
  for (let found = true; found;) {
    found = false;
    for (const { id, object } of desired) {
      if (held.has(id)) continue;
      for (const needed of references(object)) {
        const place = broken.get(needed);
        if (place === undefined && !held.has(needed)) continue;
        held.set(
          id,
          place === undefined
            ? `It needs ${needed}, which waits`
            : `It needs ${needed}, whose manifest has an error (${place})`,
        );
        found = true;
        break;
      }
    }
  }
  return held;
}
