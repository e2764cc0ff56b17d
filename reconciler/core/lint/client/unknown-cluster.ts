import { nearest } from '../../spec/nearest.ts';
import { quoted } from '../../spec/text.ts';
import type { SpecProblem, SpecSet } from '../spec-rule.ts';
import { describeReference, isKnownCluster, type Reference } from './target-of.ts';

/** What is wrong with a reference to a cluster that nobody knows; undefined where somebody does. */
export function unknownCluster(
  set: SpecSet,
  reference: Reference,
): Pick<SpecProblem, 'message' | 'hint'> | undefined {
  if (isKnownCluster(set, reference)) return undefined;
  const name = describeReference(reference);
  return {
    message: `WekaCluster ${quoted(name)} is neither in the repository nor in external.clusters of Settings.`,
    hint: () => {
      const known = set.clusters.map(({ cluster }) => describeReference(cluster.metadata));
      const near = nearest(name, [...known, ...set.settings.external.clusters]);
      return near === undefined
        ? `Add ${name} to external.clusters of Settings if it is kept elsewhere.`
        : `Write ${near} if that is meant, or add ${name} to external.clusters of Settings.`;
    },
  };
}
