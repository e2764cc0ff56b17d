import type { ChangeOutput, Operation, Plan } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput, Report } from '../../../schemas/output/report.ts';

/** A group of changes that belong together, with its heading. */
export interface Group {
  readonly title: string;
  readonly changes: readonly ChangeOutput[];
}

const OPEN = { refuse: 'Refused: a person has to decide', wait: 'Waiting' } as const;

/** What a plan would do or not do, by kind; drift apart, since nobody asked for it. */
export function plannedGroups({ changes }: Pick<Plan, 'changes'>): Group[] {
  return groups(changes, {
    create: 'To create',
    update: 'To change',
    drift: 'Drift to correct',
    replace: 'To replace',
    prune: 'To prune: no manifest asks for these any more',
    run: 'To run',
    ...OPEN,
  });
}

/** The changes that a pass made. */
export function madeGroups({ changes, outcomes }: Pick<Report, 'changes' | 'outcomes'>): Group[] {
  const done = new Set(outcomes.filter(({ result }) => result === 'done').map(({ target }) => target));
  return groups(
    changes.filter(({ target }) => done.has(target)),
    {
      create: 'Created',
      update: 'Changed',
      drift: 'Drift corrected',
      replace: 'Replaced',
      prune: 'Pruned: no manifest asks for these any more',
      run: 'Run',
    },
  );
}

/** What a pass did not try. */
export function openGroups({ changes }: Pick<Report, 'changes'>): Group[] {
  return groups(changes, OPEN);
}

function groups(
  changes: readonly ChangeOutput[],
  titles: Readonly<Partial<Record<Operation | 'drift', string>>>,
): Group[] {
  const groupOf = ({ op, flags }: ChangeOutput) =>
    op === 'update' && flags.includes('drift') ? 'drift' : op;
  return Object.entries(titles)
    .map(([group, title]) => ({ title, changes: changes.filter((change) => groupOf(change) === group) }))
    .filter((group) => group.changes.length > 0);
}

/** Writes that ended so. */
export function ended(outcomes: readonly OutcomeOutput[], result: OutcomeOutput['result']): OutcomeOutput[] {
  return outcomes.filter((outcome) => outcome.result === result);
}

const SEVERITY = { failed: 0, missing: 1, progressing: 2, current: 3 } as const;

/** What works least comes first. */
export function bySeverity(objects: readonly ObjectHealth[]): ObjectHealth[] {
  return objects.toSorted((a, b) => SEVERITY[a.state] - SEVERITY[b.state]);
}
