import type { Facts } from '../facts/facts.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { hasLabels } from '../facts/node-match.ts';
import { driversUsers } from '../lint/drivers/drivers-users.ts';
import type { SpecSet } from '../lint/spec-rule.ts';

/** Where drivers for nodes come from, by what the manifests say. */
export interface DriverBuilds {
  /** Whether a builder may run on a node, whose headers it then builds with. */
  builtOn(node: NodeFacts): boolean;
  /** Whether all that the repository asks for takes drivers that somebody else has built. */
  readonly prebuilt: boolean;
}

/**
 * The vendor's two pages differ: the one on deployment asks for headers on each node, the one on drivers only where
 * drivers are built, and says that pre-built ones need none. The second tells why, so that one is followed.
 */
export function driverBuilds(set: SpecSet): DriverBuilds {
  const policies = set.policies.flatMap(({ policy: { spec } }) =>
    spec.type === 'enable-local-drivers-distribution'
      ? [spec.payload.driverDistPayload?.nodeSelectors ?? []]
      : [],
  );
  const builders = set.containers
    .map(({ container }) => container.spec)
    .filter(({ mode }) => mode === 'drivers-builder');
  const users = driversUsers(set).filter(({ spec }) => spec.kind !== 'WekaContainer');
  const asking = set.clusters.length + set.clients.length;
  return {
    builtOn: (node) =>
      policies.some(
        (selectors) =>
          (selectors.length === 0 && hasLabels(node, {})) ||
          selectors.some((labels) => hasLabels(node, labels)),
      ) ||
      builders.some(
        ({ nodeSelector = {}, nodeAffinity }) =>
          hasLabels(node, nodeSelector) && (!nodeAffinity || nodeAffinity === node.name),
      ),
    prebuilt:
      asking > 0 &&
      users.length === asking &&
      users.every(({ address }) => address !== undefined && address.service === undefined),
  };
}

/** Nodes on which drivers are built. */
export function buildNodes(builds: DriverBuilds, { nodes }: Pick<Facts, 'nodes'>): ReadonlySet<string> {
  return new Set(nodes.filter((node) => builds.builtOn(node)).map(({ name }) => name));
}
