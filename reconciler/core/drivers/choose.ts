import { compareText } from '../placement/compare-text.ts';
import { compareTags } from './compare-tags.ts';
import type { DriverDemand } from './drivers.ts';

/** The one demand that a node goes by, and those that get something else than they need. */
export interface Choice {
  readonly demand: DriverDemand;
  /** Demands that take exactly one version, and not this. */
  readonly against: readonly DriverDemand[];
}

/**
 * A node has one version at a time. The highest priority comes first, and among equals the highest version (weka-operator
 * §3.5); manifests that agree in both go by their names, so that the answer is always the same.
 */
export function chooseDemand(demands: readonly DriverDemand[]): Choice | undefined {
  const [demand, ...others] = demands.toSorted(
    (a, b) =>
      b.priority - a.priority || compareTags(b.version, a.version) || compareText(a.ownerId, b.ownerId),
  );
  if (demand === undefined) return undefined;
  return {
    demand,
    against: others.filter(({ strict, version }) => strict && version !== demand.version),
  };
}

/** `WekaClient weka/x wants 4.4.4`. */
export function describeAgainst({ owner, version }: DriverDemand): string {
  return `${owner} wants ${version}`;
}
