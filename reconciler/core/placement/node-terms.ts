import type { NodeFacts } from '../facts/node-facts.ts';
import { holds, type LabelRequirement } from './label-selector.ts';

/** Conditions on a node that hold together, as `nodeSelectorTerms` has them. */
export interface NodeTerm {
  readonly matchExpressions?: readonly LabelRequirement[] | undefined;
  readonly matchFields?: readonly LabelRequirement[] | undefined;
}

/** Whether one of the terms holds for a node: terms are alternatives, and an empty one never holds. */
export function matchesTerms(node: Pick<NodeFacts, 'name' | 'labels'>, terms: readonly NodeTerm[]): boolean {
  const fields = { 'metadata.name': node.name };
  return terms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => holds(requirement, node.labels)) &&
      matchFields.every((requirement) => holds(requirement, fields))
    );
  });
}

/** What holds for a node that both hold for; no terms at all ask for nothing. */
export function bothTerms(one: readonly NodeTerm[], other: readonly NodeTerm[]): readonly NodeTerm[] {
  if (one.length === 0) return other;
  if (other.length === 0) return one;
  // An empty one never holds, whatever it is put together with.
  const [these, those] = [one.filter(asks), other.filter(asks)];
  if (these.length === 0 || those.length === 0) return [{}];
  return these.flatMap((a) =>
    those.map((b) => ({
      matchExpressions: [...(a.matchExpressions ?? []), ...(b.matchExpressions ?? [])],
      matchFields: [...(a.matchFields ?? []), ...(b.matchFields ?? [])],
    })),
  );
}

function asks({ matchExpressions = [], matchFields = [] }: NodeTerm): boolean {
  return matchExpressions.length + matchFields.length > 0;
}
