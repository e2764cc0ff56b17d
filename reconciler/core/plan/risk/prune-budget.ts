import type { Risk } from '../change.ts';
import type { Deed, RiskContext } from './deed.ts';

/** Objects that are left because too many would go at once. */
export function pruneBudget({ id }: Deed, { overBudget }: RiskContext): readonly Risk[] {
  if (overBudget?.objects.has(id) !== true) return [];
  const reason = 'More would be deleted than one commit may remove';
  return [{ name: 'prune-budget', reason, evidence: overBudget.why }];
}
