import type { Findings } from '../../../schemas/output/finding.ts';
import type { ChangeOutput, FlagOutput, Operation, Plan, Summary } from '../../../schemas/output/plan.ts';
import type { ObjectHealth, OutcomeOutput, Report } from '../../../schemas/output/report.ts';
import type { Made, Status } from '../../../schemas/output/status.ts';
import { countOutcomes } from './json.ts';
import { count, oneLine } from './plain.ts';

/** Told apart without colour. */
export const SYMBOLS = {
  create: '+',
  update: '~',
  replace: '-/+',
  prune: '-',
  keep: '=',
  refuse: '!',
  wait: '…',
  run: '>',
} as const satisfies Record<Operation, string>;

export const FLAG_WORDS = {
  drift: 'drifted',
  takeover: 'exists already and is taken over',
  conflict: 'another manager sets the same field',
  force: 'taken from another manager by force',
  secret: 'values hidden',
  'cluster-scoped': 'concerns the whole cluster',
  unproven: 'not proven by a dry run',
} as const satisfies Record<FlagOutput, string>;

export const STATE_WORDS = {
  current: 'ready',
  progressing: 'in progress',
  failed: 'failed',
  missing: 'missing',
} as const satisfies Record<ObjectHealth['state'], string>;

/** `main@1a2b3c4`. */
export function whereOf({ ref, commit }: { readonly ref: string; readonly commit: string }): string {
  return `${oneLine(ref)}@${oneLine(commit).slice(0, 7)}`;
}

/** `3 to create, 1 to change, 12 unchanged; 1 refused; 2 errors`. */
export function plannedWords(summary: Summary): string {
  const { create, update, replace, prune, run, keep, refuse, wait } = summary;
  const writes = listed([
    [create, 'to create'],
    [update, 'to change'],
    [replace, 'to replace'],
    [prune, 'to prune'],
    [run, 'to run'],
  ]);
  return joined([
    [writes || 'nothing to change', listed([[keep, 'unchanged']])].filter(Boolean).join(', '),
    listed([
      [refuse, 'refused'],
      [wait, 'waiting'],
    ]),
    findingWords(summary),
  ]);
}

/** `3 created, 1 changed, 12 unchanged; 1 failed; 2 errors`. */
export function reportWords({ outcomes, summary }: Pick<Report, 'outcomes' | 'summary'>): string {
  const unchanged = summary.keep + outcomes.filter(({ result }) => result === 'unchanged').length;
  const made = countOutcomes(outcomes);
  return joined([
    [madeWords(made) || 'nothing changed', listed([[unchanged, 'unchanged']])].filter(Boolean).join(', '),
    troubleWords(made, summary),
    findingWords(summary),
  ]);
}

/** What a pass changed: `3 created, 1 pruned`; empty where it changed nothing. */
export function madeWords({ created, changed, replaced, pruned }: Made): string {
  return listed([
    [created, 'created'],
    [changed, 'changed'],
    [replaced, 'replaced'],
    [pruned, 'pruned'],
  ]);
}

/** What a pass could not do: `1 failed, 2 held back, 1 refused`. */
export function troubleWords(
  { failed, held }: Pick<Made, 'failed' | 'held'>,
  { refuse, wait }: Pick<Summary, 'refuse' | 'wait'>,
): string {
  return listed([
    [failed, 'failed'],
    [held, 'held back'],
    [refuse, 'refused'],
    [wait, 'waiting'],
  ]);
}

/** `14 objects: 12 ready, 1 in progress, 1 failed`. */
export function healthWords(objects: readonly ObjectHealth[]): string {
  if (objects.length === 0) return 'no objects';
  const states = (['failed', 'missing', 'progressing', 'current'] as const).map(
    (state) => [objects.filter((object) => object.state === state).length, STATE_WORDS[state]] as const,
  );
  return `${count(objects.length, 'object')}: ${listed(states)}`;
}

/** `1 error, 2 warnings`; empty where there is none. Ignored fields are told where findings are listed. */
export function findingWords({
  errors,
  warnings,
  ignored,
}: Pick<Summary, 'errors' | 'warnings' | 'ignored'>): string {
  return [
    errors > 0 && count(errors, 'error'),
    warnings > 0 && count(warnings, 'warning'),
    ignored > 0 && count(ignored, 'ignored field'),
  ]
    .filter((words) => words !== false)
    .join(', ');
}

/** What stands in the way of a status being clean, in few words; empty where nothing does. */
export function obstacleWords({ summary, failed, waiting, refused, unread }: Status): string {
  return joined([
    listed([
      [failed.length, 'failed'],
      [refused.length, 'refused'],
      [waiting.length, 'waiting'],
      [unread.length, 'unread'],
    ]),
    findingWords(summary),
  ]);
}

/** A group of changes that belong together, with its heading. */
export interface Group {
  readonly title: string;
  readonly changes: readonly ChangeOutput[];
}

/** The changes that a plan would make, by kind; drift apart, since nobody asked for it. */
export function plannedGroups({ changes }: Pick<Plan, 'changes'>): Group[] {
  return groups(changes, {
    create: 'To create',
    update: 'To change',
    drift: 'Drift to correct',
    replace: 'To replace',
    prune: 'To prune: no manifest asks for these any more',
    run: 'To run',
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

type Made5 = 'create' | 'update' | 'drift' | 'replace' | 'prune' | 'run';

function groups(changes: readonly ChangeOutput[], titles: Record<Made5, string>): Group[] {
  const groupOf = ({ op, flags }: ChangeOutput) =>
    op === 'update' && flags.includes('drift') ? 'drift' : op;
  return Object.entries(titles)
    .map(([group, title]) => ({ title, changes: changes.filter((change) => groupOf(change) === group) }))
    .filter(({ changes }) => changes.length > 0);
}

/** Objects that differ and are left so, since the settings say to report drift only. */
export function leftAsIs(changes: readonly ChangeOutput[]): ChangeOutput[] {
  return changes.filter(({ op, fields }) => op === 'keep' && fields.length > 0);
}

/** A pass that failed or was held back, with the words for it. */
export function troubled(outcomes: readonly OutcomeOutput[], result: 'failed' | 'held'): OutcomeOutput[] {
  return outcomes.filter((outcome) => outcome.result === result);
}

/** What to do after a plan. */
export function afterPlan(plan: Plan): string {
  const { summary } = plan;
  const writes = summary.create + summary.update + summary.replace + summary.prune + summary.run;
  const mend = mendWords(summary);
  const apply = writes > 0 ? `weka-gitops reconcile carries out ${count(writes, 'change')}.` : '';
  if (mend || apply) return ['Next:', mend, apply].filter(Boolean).join(' ');
  if (summary.refuse > 0) return 'Next: see why the above is refused; a pass would change nothing.';
  if (plan.unread.length > 0)
    return 'Next: see why the above could not be read; a pass would change nothing.';
  if (summary.wait > 0) return 'Next: nothing, until what the above waits for has come.';
  return `Nothing to do: the cluster is as ${whereOf(plan)} says.`;
}

/** What to do after a pass. */
export function afterReport(report: Report): string {
  if (report.clean) {
    const waits = report.summary.wait > 0 ? ' What waits is taken up by a later pass.' : '';
    return `All that ${whereOf(report)} asks for is done.${waits}`;
  }
  const failed = troubled(report.outcomes, 'failed').length + troubled(report.outcomes, 'held').length;
  return [
    'Next:',
    mendWords(report.summary),
    failed > 0 && 'What failed or was held back is tried again by the next pass.',
    report.summary.refuse > 0 && 'What is refused waits for a person.',
    report.unread.length > 0 && 'What could not be read is read again by the next pass.',
  ]
    .filter(Boolean)
    .join(' ');
}

/** What to do after a validation. */
export function afterFindings({ summary }: Findings): string {
  if (summary.errors > 0)
    return `Next: mend ${summary.errors === 1 ? 'the error' : `the ${summary.errors} errors`} above.`;
  return summary.warnings > 0
    ? 'Nothing here would be refused; the warnings deserve a look.'
    : 'Nothing to mend.';
}

function mendWords({ errors }: Pick<Summary, 'errors'>): string {
  if (errors === 0) return '';
  return `Mend ${errors === 1 ? 'the error' : `the ${errors} errors`} above; until then the objects concerned stay as they are.`;
}

function listed(counts: readonly (readonly [number, string])[]): string {
  return counts
    .filter(([n]) => n > 0)
    .map(([n, words]) => `${n} ${words}`)
    .join(', ');
}

function joined(parts: readonly string[]): string {
  return parts.filter(Boolean).join('; ');
}
