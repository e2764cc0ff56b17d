import { RISK_NAMES, type RiskName } from '../../../../schemas/risk.ts';
import type { Change, Risk } from '../change.ts';
import { clusterScoped } from './cluster-scoped.ts';
import { dataLoss } from './data-loss.ts';
import { type Deed, deedOf, type RiskContext } from './deed.ts';
import { kernelModule } from './kernel-module.ts';
import { irreversible } from './irreversible.ts';
import { privilege } from './privilege.ts';
import { pruneBudget } from './prune-budget.ts';
import { restart } from './restart.ts';
import { takeover } from './takeover.ts';

/** What tells whether a change has a risk. Those without one here arrive with what can cause them. */
const ASSESSORS: Readonly<Partial<Record<RiskName, (deed: Deed, context: RiskContext) => readonly Risk[]>>> =
  {
    'data-loss': dataLoss,
    irreversible,
    'kernel-module': kernelModule,
    privilege,
    'prune-budget': pruneBudget,
    restart,
    takeover,
    'cluster-scoped': clusterScoped,
  };

/**
 * `changes`, each with what may go wrong with it, the gravest first. What is left as it is has none, save what would be
 * pruned if the budget allowed it.
 */
export function withRisks(changes: readonly Change[], context: RiskContext): readonly Change[] {
  return changes.map((change) => {
    // A label on something that others made costs nobody anything.
    const deed = change.partly === true ? undefined : deedOf(change, context);
    if (deed === undefined) return change;
    const risks = RISK_NAMES.flatMap((name) => ASSESSORS[name]?.(deed, context) ?? []);
    if (risks.length === 0) return change;
    const { pending } = change.op === 'wait' ? change : {};
    return { ...change, risks, ...(pending === undefined ? {} : { pending: { ...pending, risks } }) };
  });
}
