import type { Kind } from '../core/kube/kinds.ts';
import { groupOf } from '../core/kube/object.ts';

/** A rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only objects of these names; all where unset. */
  readonly resourceNames?: readonly string[];
}

export const READ = ['get', 'list', 'watch'] as const;
/** Server-side apply makes an object by both. */
export const WRITE = ['create', 'patch'] as const;

/** One rule for each API group of `kinds`. */
export function byGroup(kinds: readonly Kind[], verbs: readonly string[]): readonly Rule[] {
  const groups = Map.groupBy(kinds, ({ apiVersion }) => groupOf(apiVersion));
  return [...groups].map(([group, members]) => ({
    apiGroups: [group],
    resources: members.map(({ plural }) => plural),
    verbs,
  }));
}

/** A rule over resources of the core group. */
export function core(
  resources: readonly string[],
  verbs: readonly string[],
  resourceNames?: readonly string[],
): Rule {
  return { apiGroups: [''], resources, ...(resourceNames === undefined ? {} : { resourceNames }), verbs };
}
