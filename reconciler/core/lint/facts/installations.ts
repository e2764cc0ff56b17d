import type { ConfigMapFacts, Facts } from '../../facts/facts.ts';

/** Label of an ApplySet's parent; its value is the set's id (KEP-3659). */
export const APPLY_SET_ID = 'applyset.kubernetes.io/id';

const TOOLING = 'applyset.kubernetes.io/tooling';

/** The parents of installations of weka-gitops in the cluster. */
export function installations({ configMaps }: Facts): readonly ConfigMapFacts[] {
  return configMaps.filter(
    ({ labels, annotations }) =>
      labels[APPLY_SET_ID] !== undefined && (annotations[TOOLING] ?? '').startsWith('weka-gitops/'),
  );
}
