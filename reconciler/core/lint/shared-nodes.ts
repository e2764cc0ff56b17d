import type { ClusterSpec } from '../../../schemas/weka/cluster-spec.ts';
import { sizingOf } from '../../../schemas/weka/sizing.ts';
import { nodeLabelsOf, ROLES, type Role } from './cluster/roles.ts';

/** Labels that a node must have, each with its value. */
export type Labels = Readonly<Record<string, string>>;

/**
 * The stricter of two selectors where every node that it chooses is chosen by the other too; undefined where that
 * depends on which nodes there are.
 */
export function sharedNodes(one: Labels, other: Labels): Labels | undefined {
  if (isWithin(one, other)) return other;
  return isWithin(other, one) ? one : undefined;
}

/** `All nodes`, or `Nodes with a=b and c=d`. */
export function describeNodes(labels: Labels): string {
  const all = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return all.length === 0 ? 'All nodes' : `Nodes with ${all.join(' and ')}`;
}

/** The roles of which a cluster has containers, and the labels of the nodes for each. */
export function hostedRoles(
  cluster: ClusterSpec,
): readonly { readonly role: Role; readonly labels: Labels }[] {
  const sizing = sizingOf(cluster);
  return ROLES.filter(({ containers }) => sizing[containers] > 0).map(({ role }) => ({
    role,
    labels: nodeLabelsOf(cluster, role),
  }));
}

/** Whether every node with the labels of `many` has those of `few`. */
export function isWithin(few: Labels, many: Labels): boolean {
  return Object.keys(few).every((label) => many[label] === few[label]);
}
