import type { ClientSpec } from '../../../../schemas/weka/client-spec.ts';
import type { SpecOf, SpecSet } from '../spec-rule.ts';

/** Name and namespace of an object. */
export interface Reference {
  readonly namespace: string;
  readonly name: string;
}

/** The cluster that a client names; a reference with empty texts, as exported manifests have it, names none. */
export function targetOf({ targetCluster }: Pick<ClientSpec, 'targetCluster'>): Reference | undefined {
  return targetCluster === undefined || targetCluster.name === '' ? undefined : targetCluster;
}

/** Finds the clusters of the repository by their names. */
export function clusterLookup({
  clusters,
}: Pick<SpecSet, 'clusters'>): (reference: Reference | undefined) => SpecOf<'WekaCluster'> | undefined {
  const known = new Map(clusters.map((spec) => [describeReference(spec.cluster.metadata), spec]));
  return (reference) => (reference === undefined ? undefined : known.get(describeReference(reference)));
}

/** `namespace/name`, as Settings and messages have it. */
export function describeReference({ namespace, name }: Reference): string {
  return `${namespace}/${name}`;
}

/** Whether a cluster is in the repository, or kept elsewhere by what Settings say. */
export function isKnownCluster({ has, settings }: SpecSet, reference: Reference): boolean {
  return (
    has('WekaCluster', reference.namespace, reference.name) ||
    settings.external.clusters.includes(describeReference(reference))
  );
}
