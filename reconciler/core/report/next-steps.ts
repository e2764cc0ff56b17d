import type { Findings } from '../../../schemas/output/finding.ts';
import type { Plan, Summary } from '../../../schemas/output/plan.ts';
import type { Report } from '../../../schemas/output/report.ts';
import { needPerson } from './drivers-need.ts';
import { ended } from './groups.ts';
import { count } from './plain.ts';
import { whereOf } from './words.ts';

/** What to do after a plan, where it is carried out `by` something, and is of what stands in `where`. */
export function afterPlan(
  plan: Plan,
  {
    by = 'weka-gitops reconcile',
    where = whereOf(plan),
  }: { readonly by?: string; readonly where?: string } = {},
): string {
  const { summary } = plan;
  const writes = summary.create + summary.update + summary.replace + summary.prune + summary.run;
  const { length } = plan.approvals;
  const steps = [
    ...mendSteps(summary),
    ...(length > 0
      ? [`commit the ${length === 1 ? 'Approval' : `${length} Approvals`} above, if this is what you want`]
      : []),
    ...(writes > 0 ? [`${by} carries out ${count(writes, 'change')}`] : []),
  ];
  if (steps.length > 0) return nextWords(steps);
  if (summary.refuse > 0) return nextWords(['see why the above is refused', 'a pass would change nothing']);
  if (plan.unread.length > 0) {
    return nextWords(['see why the above could not be read', 'a pass would change nothing']);
  }
  if (plan.pruneBlocked !== undefined) return nextWords(['see why pruning is blocked']);
  if (needPerson(plan.drivers)) return nextWords([SEE_DRIVERS, 'a pass would change nothing']);
  if (summary.wait > 0) return nextWords(['nothing, until what the above waits for has come']);
  return `Nothing to do: the cluster is as ${where} says.`;
}

/** What to do after a pass. */
export function afterReport(report: Report): string {
  const { clean, summary, outcomes, unread, pruneBlocked, brake } = report;
  if (clean) return `All that ${whereOf(report)} asks for is done.`;
  const onlyWaits = summary.wait > 0 && summary.errors === 0 && pruneBlocked === undefined;
  const undone = ended(outcomes, 'failed').length + ended(outcomes, 'held').length;
  return nextWords([
    ...mendSteps(summary),
    ...(summary.refuse > 0 ? ['decide on what is refused'] : []),
    ...(pruneBlocked !== undefined && summary.errors === 0 ? ['see why pruning is blocked'] : []),
    ...(onlyWaits && brake === undefined ? ['see what is waited for'] : []),
    ...(brake === undefined ? [] : ['release the brake when its reason is gone']),
    ...(undone > 0 ? ['what failed or was held back is tried again by the next pass'] : []),
    ...(unread.length > 0 ? ['what could not be read is read again by the next pass'] : []),
    ...(needPerson(report.drivers) ? [SEE_DRIVERS] : []),
  ]);
}

/** What to do after a validation. */
export function afterFindings({ summary }: Findings): string {
  if (summary.errors > 0)
    return nextWords([`mend ${summary.errors === 1 ? 'the error' : `the ${summary.errors} errors`} above`]);
  return summary.warnings > 0
    ? 'Nothing here would be refused; the warnings deserve a look.'
    : 'Nothing to mend.';
}

const SEE_DRIVERS = 'see what the drivers above need (weka-gitops explain drivers)';

function mendSteps({ errors }: Pick<Summary, 'errors'>): readonly string[] {
  if (errors === 0) return [];
  return [
    `mend ${errors === 1 ? 'the error' : `the ${errors} errors`} above, whose objects stay as they are`,
  ];
}

function nextWords(steps: readonly string[]): string {
  return `Next: ${steps.join('; ')}.`;
}
