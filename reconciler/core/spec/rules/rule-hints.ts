import { nearest } from '../nearest.ts';
import { RULES } from './rules.ts';

/** What to do where a rule is named that there is not. */
export function unknownRuleHint(name: string): string {
  const names = Object.keys(RULES);
  const near = nearest(name, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  const alike =
    name.length < SHORTEST
      ? []
      : names
          .filter((each) => each.includes(name))
          .toSorted()
          .slice(0, 3);
  if (alike.length > 0) return `Did you mean ${alike.join(' or ')}?`;
  return 'Look for the name that stands in brackets after each finding.';
}

/** What to do where somebody wants to set a rule aside that nobody may. */
export const FIXED_HINT = 'Remove it, and mend what the rule finds.';

const SHORTEST = 3;
