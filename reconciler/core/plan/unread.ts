import type { Unread } from '../../ports.ts';
import { groupKind, type KubeObject } from '../kube/object.ts';

/** What could not be listed and may hold `object`: nothing is known of it then, and not that it is missing. */
export function gapAround<Gap extends Pick<Unread, 'kind' | 'namespace'>>(
  object: KubeObject,
  unread: readonly Gap[],
): Gap | undefined {
  const ofObject = groupKind(object);
  return unread.find(
    ({ kind, namespace }) =>
      kind === ofObject && (namespace === undefined || namespace === object.metadata.namespace),
  );
}
