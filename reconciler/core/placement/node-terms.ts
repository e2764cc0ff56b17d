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
