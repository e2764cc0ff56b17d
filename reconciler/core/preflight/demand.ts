import type { Facts } from '../facts/facts.ts';
import { leastOf } from '../lint/facts/open-roles.ts';
import { survey } from '../lint/facts/survey.ts';
import type { SpecSet } from '../lint/spec-rule.ts';

/** Nodes that containers of one kind need, and those that they may be on, however much room these have. */
export interface Demand {
  /** `drive of demo`, `client mounts`. */
  readonly words: string;
  readonly needed: number;
  readonly nodes: number;
  /** What a node has to be labelled with. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One for each role of a cluster, of which a node hosts one container, and for each client, which needs one node at least. */
export function demandsOf(set: SpecSet, facts: Facts): readonly Demand[] {
  const { clusters, clients } = survey(set, facts);
  return [
    ...clusters.flatMap((cluster) => {
      const { metadata, spec } = cluster.spec.cluster;
      const shared = spec.overrides?.disregardRedundancy === true;
      return cluster.roles.map((role) => ({
        words: `${role.need.words} of ${metadata.name}`,
        needed: shared ? 1 : leastOf(cluster, role),
        nodes: role.candidates.filter(({ barred }) => barred === undefined).length,
        labels: role.need.shape.nodeSelector,
      }));
    }),
    ...clients.map(({ spec: { client }, candidates }) => ({
      words: `client ${client.metadata.name}`,
      needed: 1,
      nodes: candidates.filter(({ barred }) => barred === undefined).length,
      labels: client.spec.nodeSelector ?? {},
    })),
  ];
}
