import type { Facts } from '../../facts/facts.ts';
import type { NodeFacts } from '../../facts/node-facts.ts';
import type { SpecOf, SpecSet } from '../spec-rule.ts';
import { type Candidate, survey } from './survey.ts';

/** A manifest of WEKA, and the nodes that it may put pods on. */
export interface WekaNodes {
  readonly spec: SpecOf<'WekaCluster'> | SpecOf<'WekaClient'>;
  /** `cluster demo`. */
  readonly words: string;
  readonly image: string;
  readonly nodes: readonly NodeFacts[];
}

/** The nodes of every cluster and client. */
export function wekaNodes(set: SpecSet, facts: Facts): readonly WekaNodes[] {
  const { clusters, clients } = survey(set, facts);
  return [
    ...clusters.map(({ spec, roles }) => ({
      spec,
      words: `cluster ${spec.cluster.metadata.name}`,
      image: spec.cluster.spec.image,
      nodes: nodesOf(roles.flatMap(({ candidates }) => candidates)),
    })),
    ...clients.map(({ spec, candidates }) => ({
      spec,
      words: `client ${spec.client.metadata.name}`,
      image: spec.client.spec.image,
      nodes: nodesOf(candidates),
    })),
  ];
}

function nodesOf(candidates: readonly Candidate[]): readonly NodeFacts[] {
  return [...new Set(candidates.flatMap(({ node, barred }) => (barred === undefined ? [node] : [])))];
}
