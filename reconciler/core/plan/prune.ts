import type { Settings } from '../../../schemas/settings.ts';
import { PART_OF } from '../desired/ownership.ts';
import { protection } from '../kube/kinds.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import type { ApprovalBook, Grant } from './approvals/book.ts';
import { awaiting, needed } from './approvals/gate.ts';
import { type ApprovalRequest, type ApprovalTarget, budgetRequest } from './approvals/request.ts';
import type { Change } from './change.ts';
import { isAppliedByUs } from './managed-fields.ts';
import { missedByOthers } from './others.ts';

/** What decides whether anything may be pruned. */
export interface PruneContext {
  readonly settings: Settings['spec']['prune'];
  /** Why nothing may be pruned, whatever the budget: a manifest with an error, a list that could not be read, no manifest. */
  readonly blocked?: string;
  /** Objects already pruned for this commit: the budget is the commit's, not the pass's. */
  readonly alreadyPruned: number;
  /** For each object, one that refers to it and is not changed in this pass. */
  readonly users?: ReadonlyMap<ObjectId, ObjectId>;
  /** Other objects that are deleted in this pass. What they refer to goes when they are gone. */
  readonly going?: readonly KubeObject[];
  /** UIDs of what a pass before this one set out to prune for the commit: it was let to, and was cut short. */
  readonly begun?: ReadonlySet<string>;
  /** Who may consent to more than the budget; where absent, nobody does. */
  readonly consent?: { readonly book: ApprovalBook; readonly set: ApprovalTarget };
}

export interface PrunePlan {
  readonly changes: readonly Change[];
  /** Why nothing is pruned, where something would be. */
  readonly blocked?: string;
  /** What is more than a commit may remove, consented to or not, and the words that say so. */
  readonly overBudget?: { readonly objects: ReadonlySet<ObjectId>; readonly why: string };
}

/**
 * Members of our ApplySet that no manifest asks for any more. It is all or nothing: over the budget nothing is pruned,
 * so that a mistake shows before it has eaten half.
 */
export function planPrune(orphans: readonly KubeObject[], members: number, context: PruneContext): PrunePlan {
  const kept = keptOf(orphans, context);
  const candidates = orphans.filter((live) => isAppliedByUs(live) && !isControlled(live));
  const free = candidates.filter((live) => !kept.has(objectId(live)));
  const { blocked, approval, approved, over } = free.length === 0 ? FREE : permission(free, members, context);
  const changes = candidates.map((live): Change => {
    const id = objectId(live);
    const base = { id, fields: [], flags: [] } as const;
    const reason = kept.get(id);
    if (reason !== undefined) return { ...base, ...reason };
    const prune = { ...base, op: 'prune', live, ...(approved === undefined ? {} : { approved }) } as const;
    if (blocked === undefined) return prune;
    const why = `Not pruned: ${blocked}`;
    return approval === undefined ? { ...base, op: 'wait', reason: why } : awaiting(prune, approval, why);
  });
  return {
    changes,
    ...(blocked === undefined ? {} : { blocked }),
    ...(over === undefined ? {} : { overBudget: { objects: new Set(free.map(objectId)), why: over } }),
  };
}

/** Whether orphans may go: why not, the consent that would let them, or the consent by which they do. */
interface Permission {
  readonly blocked?: string;
  readonly approval?: ApprovalRequest;
  readonly approved?: readonly Grant[];
  /** In words, that they are more than the budget. */
  readonly over?: string;
}

const FREE: Permission = {};

function permission(free: readonly KubeObject[], members: number, context: PruneContext): Permission {
  const blocked = pruneSwitch(context);
  if (blocked !== undefined) return { blocked };
  const over = overBudget(free.length, members, context);
  if (over === undefined) return FREE;
  const { begun = new Set(), consent } = context;
  if (free.every(({ metadata }) => begun.has(metadata.uid ?? ''))) return FREE;
  if (consent === undefined) return { blocked: over, over };
  const request = budgetRequest(free, consent.set, consent.book.cluster);
  const { granted, missing } = consent.book.answer(request);
  if (granted !== undefined) return { approved: granted, over };
  const waits = needed(missing, consent.book.rules.count).replace(/^It waits/, 'that waits');
  return { blocked: `${over}; ${waits}`, approval: request, over };
}

/** Why nothing at all is pruned; undefined where anything may be. */
export function pruneSwitch({
  blocked,
  settings,
}: Pick<PruneContext, 'blocked' | 'settings'>): string | undefined {
  if (blocked !== undefined) return blocked;
  return settings.enabled ? undefined : 'pruning is switched off by Settings spec.prune.enabled';
}

interface Kept {
  readonly op: 'refuse' | 'wait';
  readonly reason: string;
}

/** The orphans that are never pruned, or not yet, and why. One that stays keeps what it refers to, and so on from there. */
function keptOf(
  orphans: readonly KubeObject[],
  { users, going = [] }: Pick<PruneContext, 'users' | 'going'>,
): ReadonlyMap<ObjectId, Kept> {
  const kept = new Map<ObjectId, Kept>();
  const used = new Map<ObjectId, string>();
  for (const [id, user] of users ?? []) used.set(id, `${user} refers to it, and is not changed in this pass`);
  for (const live of going)
    for (const each of references(live)) used.set(each, `${objectId(live)} refers to it, and is still there`);
  const left = new Set(orphans.filter((live) => !isControlled(live)));
  for (let before = Infinity; left.size < before;) {
    before = left.size;
    for (const live of left) {
      const id = objectId(live);
      const reason = keptReason(live) ?? usedReason(used.get(id));
      // What is not ours is left alone, so it stays, too.
      if (reason === undefined && isAppliedByUs(live)) continue;
      if (reason !== undefined) kept.set(id, reason);
      left.delete(live);
      for (const each of references(live)) {
        if (!used.has(each)) used.set(each, `${id} refers to it, and is still there`);
      }
    }
  }
  return kept;
}

/** Why this object is never pruned, or not by us, whatever else there is. */
function keptReason(live: KubeObject): Kept | undefined {
  const { deletionTimestamp, finalizers = [] } = live.metadata;
  if (deletionTimestamp !== undefined) {
    const held = finalizers.length === 0 ? '' : `; held by finalizers ${finalizers.join(', ')}`;
    return { op: 'wait', reason: `It is being deleted${held}` };
  }
  const why = protection(live);
  if (why !== undefined) {
    const way = 'delete it by hand, or restore its manifest';
    return { op: 'refuse', reason: `${why}, so it is never pruned: ${way}` };
  }
  if (live.kind === 'Pod') {
    return {
      op: 'wait',
      reason: 'A pod of WEKA is not pruned by this version: delete it by hand when it has no work',
    };
  }
  const missed = missedByOthers(live);
  return missed && { op: 'refuse', reason: `${missed.why}: ${missed.way}, or delete it by hand` };
}

function usedReason(used: string | undefined): Kept | undefined {
  return used === undefined ? undefined : { op: 'wait', reason: `Not pruned: ${used}` };
}

/** Why `now`, read again before it is deleted, is not the orphan that the plan saw. */
export function pruneMismatch(planned: KubeObject, now: KubeObject): string | undefined {
  if (now.metadata.uid !== planned.metadata.uid) return 'it is another object of the same name by now';
  const set = planned.metadata.labels?.[PART_OF];
  if (set === undefined || now.metadata.labels?.[PART_OF] !== set)
    return 'it is not in our ApplySet any more';
  if (!isAppliedByUs(now)) return 'it has no field that we applied, so its label is a copy';
  if (isControlled(now)) return 'a controller owns it by now';
  const why = protection(now);
  if (why !== undefined) return `it is never pruned. ${why}`;
  return missedByOthers(now)?.why;
}

function overBudget(
  count: number,
  members: number,
  { settings, alreadyPruned }: PruneContext,
): string | undefined {
  const { objects, percent } = settings.budget;
  const total = members + alreadyPruned;
  // A tenth of a handful is nothing; then one object may go, or none ever could.
  const share = percent === 0 ? 0 : Math.max(1, Math.floor((total * percent) / 100));
  const budget = Math.min(objects, share);
  const asked = count + alreadyPruned;
  if (asked <= budget) return undefined;
  return (
    `${asked} objects would go for this commit, and the budget is ${budget} ` +
    `(the smaller of ${objects} and ${percent} % of ${total}, at least 1; Settings spec.prune.budget)`
  );
}

/** Whether a controller made it, as a Deployment makes its ReplicaSets: then it is the controller's to delete. */
export function isControlled(live: KubeObject): boolean {
  return live.metadata.ownerReferences?.some((owner) => owner.controller === true) ?? false;
}

/** Ids of everything live that `wanted` does not hold. */
export function orphansOf(live: Iterable<KubeObject>, wanted: ReadonlySet<ObjectId>): readonly KubeObject[] {
  return [...live].filter((object) => !wanted.has(objectId(object)));
}
