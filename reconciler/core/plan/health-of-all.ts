import type { DesiredObject } from '../desired/desired.ts';
import { type Health, healthOf } from '../health/health.ts';
import type { GroupKind, KubeObject, ObjectId } from '../kube/object.ts';
import { gapAround } from './unread.ts';

/** What was read of the cluster, and what could not be. */
export interface LiveObjects {
  readonly objects: ReadonlyMap<ObjectId, KubeObject>;
  readonly unread: readonly { readonly kind: GroupKind; readonly namespace?: string; readonly why: string }[];
}

/** How each object that is asked for does. Of what could not be read nothing is said, and not that it is missing. */
export function healthOfAll(
  desired: readonly DesiredObject[],
  live: LiveObjects,
): ReadonlyMap<ObjectId, Health> {
  const known = desired.filter(
    ({ object, partly }) => partly !== true && gapAround(object, live.unread) === undefined,
  );
  return new Map(
    known.map(({ id }): [ObjectId, Health] => {
      const object = live.objects.get(id);
      return [
        id,
        object === undefined ? { state: 'missing', message: 'It is not in the cluster' } : healthOf(object),
      ];
    }),
  );
}
