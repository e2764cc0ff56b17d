import type { Pass } from './assess.ts';
import { PART_OF } from './core/desired/ownership.ts';
import { type KubeObject, parseObjectId } from './core/kube/object.ts';
import { unclearActions } from './core/plan/approvals/driver-requests.ts';
import { isNamed, PRUNE_BUDGET } from './core/plan/approvals/request.ts';
import { type ApprovalUse, withBegun, withDone } from './core/plan/approvals/use.ts';
import type { Change, Outcome } from './core/plan/change.ts';
import { isDriverWork } from './core/plan/driver-objects.ts';
import {
  budgetCommit,
  EMPTY_RECORD,
  type InstallationRecord,
  type Spent,
  withObjects,
} from './core/plan/record.ts';
import type { Live } from './ports.ts';

/** Covers all that there is and will be, and names what is about to be deleted and which consents are about to be used. */
export function recordBefore(
  { assessment, record, desired, spent, input, drivers }: Pass,
  now: Date,
): InstallationRecord {
  const prunes = assessment.changes.filter(isBudgeted);
  const widened = withObjects(record, trackedOf(desired));
  const pruning = [...new Set([...spent.pruning, ...prunes.map(({ live }) => live.metadata.uid ?? '')])];
  const granted = [
    ...assessment.changes.flatMap((change) => change.approved ?? []),
    ...(drivers?.decision.accepted ?? []),
  ];
  const names = new Set(input.book.approvals.map(({ approval }) => approval.metadata.name));
  const uses = withBegun(record.uses, granted, { now, isThere: (name) => names.has(name) });
  return withSpent({ ...widened, uses }, assessment.commit, { pruned: spent.pruned, pruning });
}

/** What is to be found again by the record; a few fields of what others made need not be. */
function trackedOf(desired: Pass['desired']): readonly KubeObject[] {
  return desired.flatMap(({ object, partly }) => (partly === true ? [] : [object]));
}

/** Whether it is one of the deletions that a commit has a budget for. */
function isBudgeted(change: Change): change is Extract<Change, { op: 'prune' }> {
  return change.op === 'prune' && !isDriverWork(change.live);
}

/** With what the prune budget of `commit` was spent on, which need not be the one that was applied last. */
function withSpent(
  { pendingCommit: _, ...record }: InstallationRecord,
  commit: string,
  spent: Spent,
): InstallationRecord {
  const isSpent = spent.pruned > 0 || spent.pruning.length > 0;
  const pending = isSpent && record.lastCommit !== commit ? { pendingCommit: commit } : {};
  return { ...record, ...spent, ...pending };
}

/** Whether anything of the commit has come to the cluster, or there was nothing that a brake held back. */
function isApplied({ assessment }: Pass, outcomes: readonly Outcome[]): boolean {
  if (outcomes.length === 0) return assessment.brake === undefined;
  return outcomes.some(isMade);
}

/** Covers what is left, where all of it could be seen. */
export function recordAfter(
  pass: Pass,
  before: InstallationRecord,
  outcomes: readonly Outcome[],
  live: Live | undefined,
): InstallationRecord {
  const { assessment, record, desired, spent, scope } = pass;
  const { commit } = assessment;
  const lastCommit = isApplied(pass, outcomes) ? { lastCommit: commit } : {};
  // Until it is seen which of the deletions took place, they stay open.
  if (live === undefined) {
    const uses = usesAfter(pass, before, outcomes);
    const { pruned, pruning } = before;
    return withSpent({ ...before, uses, ...lastCommit }, commit, { pruned, pruning });
  }
  // One that is gone all the same was deleted by a pass before this one, if that had begun to; its answer was lost.
  const begun = budgetCommit(record) === commit ? record.pruning : [];
  const pruned = outcomes.filter(
    ({ change, result }) =>
      isBudgeted(change) &&
      (result === 'done' || (result === 'unchanged' && begun.includes(change.live.metadata.uid ?? ''))),
  ).length;
  // One that failed may have been done all the same, where it is the answer that was lost.
  // One that was held back may go by the same leave.
  const open = outcomes.flatMap(({ change, result }) =>
    isBudgeted(change) && (result === 'failed' || result === 'held') ? [change.live.metadata.uid ?? ''] : [],
  );
  const members = [...live.objects.values()].filter(
    ({ metadata }) => metadata.labels?.[PART_OF] === scope.applySet,
  );
  const tracked: readonly KubeObject[] = [...trackedOf(desired), ...members];
  const { kinds, namespaces } = live.unread.length > 0 ? before : withObjects(EMPTY_RECORD, tracked);
  const uses = usesAfter(pass, before, outcomes);
  return withSpent({ ...before, uses, kinds, namespaces, ...lastCommit }, commit, {
    pruned: spent.pruned + pruned,
    pruning: [...new Set([...spent.pruning, ...open])],
  });
}

/** A consent is used up once its deed was seen done, in this pass or since: then nobody asks for it any more. */
function usesAfter(
  pass: Pass,
  { uses }: InstallationRecord,
  outcomes: readonly Outcome[],
): InstallationRecord['uses'] {
  return withDone(uses, (use) => {
    const deeds = outcomes.filter(({ change }) =>
      change.approved?.some((grant) => grant.digest === use.digest),
    );
    // More nodes may come to the same, so one that is for many is used up when nothing asks for it any more.
    if (deeds.length > 0)
      return deeds.every(({ change }) => change.consent === undefined) && deeds.every(isMade);
    // Of what could not be read or understood nothing is concluded.
    const sawAll = pass.input.prune.blocked === undefined;
    return sawAll && !pass.asked.has(use.digest) && !isHeldBack(use, pass, outcomes);
  });
}

/** Whether the deed is not asked for only because something else holds it back or could not be seen, or goes on without being asked for. */
function isHeldBack(
  { name, digest }: ApprovalUse,
  { assessment, input, drivers }: Pass,
  outcomes: readonly Outcome[],
): boolean {
  const file = input.book.approvals.find(
    ({ approval: { metadata, spec } }) => metadata.name === name && spec.approvalDigest === digest,
  );
  if (file === undefined) return false;
  const { action, target } = file.approval.spec;
  if (drivers !== undefined && unclearActions(drivers).has(action)) return true;
  // More deletions than the budget are those of all that no manifest asks for.
  const isMeant = ({ id, source, consent }: Change) => {
    if (action === PRUNE_BUDGET) return source === undefined;
    if (consent?.action === action) return isNamed(consent.target, target);
    return isNamed(parseObjectId(id), target);
  };
  const isWaiting = (change: Change) =>
    change.op === 'refuse' || (change.op === 'wait' && change.approval === undefined);
  return (
    assessment.changes.some((change) => isMeant(change) && isWaiting(change)) ||
    outcomes.some((outcome) => isMeant(outcome.change) && !isMade(outcome))
  );
}

function isMade({ result }: Outcome): boolean {
  return result === 'done' || result === 'unchanged';
}
