import { isCounted } from '../cluster/is-counted.ts';
import { joins, MIN_CONTAINERS } from '../cluster/protection.ts';
import type { ClusterSurvey, RoleSurvey } from './survey.ts';

/** Whether the manifest leaves open how many containers of a role there are. */
export function isOpen({ spec }: ClusterSurvey, { need }: RoleSurvey): boolean {
  const { role } = need;
  return (role === 'compute' || role === 'drive') && !isCounted(spec, `${role}Containers`);
}

/** Containers of a role without which the cluster does not come to be as its manifest has it. */
export function leastOf(cluster: ClusterSurvey, role: RoleSurvey): number {
  if (!isOpen(cluster, role)) return role.need.containers;
  return joins(cluster.spec.cluster.spec) ? 1 : MIN_CONTAINERS;
}
