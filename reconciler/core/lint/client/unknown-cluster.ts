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
      const meant = candidates(set, reference);
      return meant.length === 0
        ? `Add ${name} to external.clusters of Settings if it is kept elsewhere.`
        : `Write ${meant.join(' or ')} if that is meant, or add ${name} to external.clusters of Settings.`;
    },
  };
}

/** Clusters that may be meant, as `namespace/name`: those of the same name, wherever they are; otherwise the nearest. */
function candidates(set: SpecSet, reference: Reference): readonly string[] {
  const known = [...new Set([...set.labels('WekaCluster'), ...set.settings.external.clusters])];
  const namesakes = known.filter((each) => each.endsWith(`/${reference.name}`));
  if (namesakes.length > 0) return namesakes.toSorted().slice(0, 3);
  const near = nearest(describeReference(reference), known);
  return near === undefined ? [] : [near];
}
