import type { DesiredObject } from '../desired/desired.ts';
import { PART_OF } from '../desired/ownership.ts';
import { workConsent } from '../desired/work-consent.ts';
import { type GroupKind, type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import { allTexts } from '../spec/sealed.ts';
import type { Change } from './change.ts';
import { type ChangeContext, changeFor, waits } from './change-for.ts';
import { isDriverWork, isIntent, pruneDriverWork } from './driver-objects.ts';
import { heldBack } from './held-back.ts';
import { withHolds } from './hold.ts';
import { isAppliedByUs } from './managed-fields.ts';
import { ordered } from './order.ts';
import { orphansOf, planPrune, type PruneContext } from './prune.ts';
import { withRenames } from './renames.ts';
import { consentKey, type StorageSeen } from './risk/deed.ts';
import { withRisks } from './risk/with-risks.ts';
import { gapAround } from './unread.ts';

/** All that a plan is made of. */
export interface PlanInput extends ChangeContext {
  readonly desired: readonly DesiredObject[];
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  /** Kinds, and the namespace for namespaced ones, that could not be listed: nothing is known of their objects. */
  readonly unread: readonly { readonly kind: GroupKind; readonly namespace?: string; readonly why: string }[];
  /** Objects whose manifest has an error, and where it stands. What they are now stays, and what needs them waits. */
  readonly broken: ReadonlyMap<ObjectId, string>;
  readonly prune: PruneContext;
  /** Volumes that are there; unset where nothing is new that may be bound to one. */
  readonly storage?: StorageSeen | undefined;
  /** Objects that the installation itself is made of, where specs may hold them. */
  readonly own?: ReadonlySet<ObjectId> | undefined;
  /** Where what is asked of nodes stands. */
  readonly agentNamespace?: string | undefined;
  /** Whether pods that are about drivers stay although none is asked for: nobody could tell which are needed. */
  readonly keepsDriverWork?: boolean;
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly pruneBlocked?: string;
}

/** What has to change so that live is as desired. */
export function plan(input: PlanInput): Plan {
  const { desired, live, broken } = input;
  const held = heldBack(desired, broken);
  const texts = allTexts(desired.map(({ sealed }) => sealed));
  const changes = desired.map((wanted) => {
    const reason = held.get(wanted.id) ?? unreadReason(wanted.object, input.unread);
    if (reason === undefined) return withPlace(changeFor(wanted, live.get(wanted.id), input, texts), wanted);
    return waits(wanted, reason, held.has(wanted.id) && !live.has(wanted.id));
  });
  const wanted = new Set([...desired.map(({ id }) => id), ...broken.keys()]);
  const { agentNamespace } = input;
  const members = [...live.values()].filter(
    (object) =>
      object.metadata.labels?.[PART_OF] === input.applySet &&
      !isIntent(object, agentNamespace) &&
      !isDriverWork(object),
  );
  const orphans = orphansOf(members, wanted);
  const staying = members.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const work = input.keepsDriverWork === true ? [] : driverWorkOf(live, input.applySet);
  const unneeded = orphansOf(work, wanted);
  const prune = planPrune(orphans, staying.length, {
    ...input.prune,
    ...blockedBy(input),
    users: usersOf(changes, broken, live),
    going: unneeded,
  });
  const { overBudget } = prune;
  const workGone = pruneDriverWork(unneeded, { ...input.prune, ...blockedBy(input) });
  const risky = withRisks([...changes, ...prune.changes, ...workGone], {
    live,
    asked: wanted,
    storage: input.storage,
    own: input.own,
    consented: consentedOf(changes, live),
    ...(overBudget === undefined ? {} : { overBudget }),
  });
  return {
    changes: withRenames(ordered(withHolds(risky)), live),
    ...(prune.blocked === undefined ? {} : { pruneBlocked: prune.blocked }),
  };
}

/**
 * What is there already of that which a person consents to for many objects at once, by the consent that each was made by: what is to
 * take its place now may need another one.
 */
function consentedOf(changes: readonly Change[], live: PlanInput['live']): ReadonlyMap<string, KubeObject> {
  const consented = new Map<string, KubeObject>();
  for (const { id, consent } of changes) {
    const object = consent === undefined ? undefined : live.get(id);
    const its = object === undefined || !isAppliedByUs(object) ? undefined : workConsent(object);
    if (object !== undefined && its !== undefined) consented.set(consentKey(its), object);
  }
  return consented;
}

function driverWorkOf(live: PlanInput['live'], applySet: string): readonly KubeObject[] {
  return [...live.values()].filter(
    (object) => isDriverWork(object) && object.metadata.labels?.[PART_OF] === applySet,
  );
}

/** A second net below the caller's own: what is not known or not understood is never an instruction to delete. */
function blockedBy({ prune, broken, unread, desired }: PlanInput): { readonly blocked?: string } {
  if (prune.blocked !== undefined) return { blocked: prune.blocked };
  const [gap] = unread;
  if (broken.size > 0) return { blocked: 'a manifest has an error' };
  if (gap !== undefined) return { blocked: `${gap.kind} objects could not be listed: ${gap.why}` };
  if (desired.length === 0) return { blocked: 'the repository asks for no object at all' };
  return {};
}

/** What objects refer to that stay as they are in this pass, although their manifests may ask otherwise. */
function usersOf(
  changes: readonly Change[],
  broken: PlanInput['broken'],
  live: PlanInput['live'],
): ReadonlyMap<ObjectId, ObjectId> {
  const staying = changes.filter(({ op }) => op === 'refuse' || op === 'wait').map(({ id }) => id);
  const users = new Map<ObjectId, ObjectId>();
  for (const id of [...staying, ...broken.keys()]) {
    const object = live.get(id);
    for (const used of object === undefined ? [] : references(object)) users.set(used, id);
  }
  return users;
}

function unreadReason(object: KubeObject, unread: PlanInput['unread']): string | undefined {
  const gap = gapAround(object, unread);
  return gap === undefined ? undefined : `The cluster could not be asked for it: ${gap.why}`;
}

function withPlace(change: Change, wanted: DesiredObject): Change {
  const { placement, unplaced, node, consent, partly } = wanted;
  const isPlain = [placement, unplaced, node, consent, partly].every((each) => each === undefined);
  if (isPlain) return change;
  return {
    ...change,
    ...(node === undefined ? {} : { node }),
    ...(consent === undefined ? {} : { consent }),
    ...(partly === undefined ? {} : { partly }),
    ...(placement === undefined ? {} : { placement }),
    ...(unplaced === undefined ? {} : { unplaced }),
  };
}

/** `objectId` of each live object, for building the map that a plan reads. */
export function byId(objects: Iterable<KubeObject>): ReadonlyMap<ObjectId, KubeObject> {
  return new Map([...objects].map((object) => [objectId(object), object]));
}
