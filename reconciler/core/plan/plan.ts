import type { Settings } from '../../../schemas/settings.ts';
import type { DesiredObject } from '../desired/desired.ts';
import { PART_OF } from '../desired/ownership.ts';
import { type GroupKind, type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import { allTexts } from '../spec/sealed.ts';
import type { Change, FieldChange, Flag } from './change.ts';
import { alsoWaiting, conflictReason } from './conflict-reason.ts';
import { compare, describeDifference, type Difference } from './compare.ts';
import { isDriverWork, isIntent, pruneDriverWork } from './driver-objects.ts';
import { withHolds } from './hold.ts';
import { immutable } from './immutable.ts';
import { isAppliedByUs, ourFields, subtree } from './managed-fields.ts';
import type { Mark } from './mark.ts';
import { ordered } from './order.ts';
import { isControlled, orphansOf, planPrune, type PruneContext } from './prune.ts';
import { fieldChange } from './redact.ts';
import { withRenames } from './renames.ts';
import { consentKey, type StorageSeen } from './risk/deed.ts';
import { withRisks } from './risk/with-risks.ts';
import { gapAround } from './unread.ts';
import { writerOf } from './writers.ts';

/** All that a plan is made of. */
export interface PlanInput {
  readonly desired: readonly DesiredObject[];
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  /** Kinds, and the namespace for namespaced ones, that could not be listed: nothing is known of their objects. */
  readonly unread: readonly { readonly kind: GroupKind; readonly namespace?: string; readonly why: string }[];
  /** Objects whose manifest has an error, and where it stands. What they are now stays, and what needs them waits. */
  readonly broken: ReadonlyMap<ObjectId, string>;
  readonly settings: Settings['spec'];
  /** Whether that is only what is safe, since nobody knows what the repository's own say. */
  readonly doubtful?: boolean;
  readonly prune: PruneContext;
  readonly applySet: string;
  /** Volumes that are there; unset where nothing is new that may be bound to one. */
  readonly storage?: StorageSeen | undefined;
  /** Objects that the installation itself is made of, where specs may hold them. */
  readonly own?: ReadonlySet<ObjectId> | undefined;
  /** Where what is asked of nodes stands. */
  readonly agentNamespace?: string | undefined;
  /** Whether pods that are about drivers stay although none is asked for: nobody could tell which are needed. */
  readonly keepsDriverWork?: boolean;
  /** What hidden values are marked with; the same mark for all where unset. */
  readonly mark?: Mark;
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

/** What is there already of that which a person consents to for many objects at once. */
function consentedOf(changes: readonly Change[], live: PlanInput['live']): ReadonlyMap<string, KubeObject> {
  const consented = new Map<string, KubeObject>();
  for (const { id, consent } of changes) {
    const object = consent === undefined ? undefined : live.get(id);
    if (consent !== undefined && object !== undefined && isAppliedByUs(object))
      consented.set(consentKey(consent), object);
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

/** Objects that cannot work before a broken manifest is mended, directly or through others that wait. */
function heldBack(
  desired: readonly DesiredObject[],
  broken: ReadonlyMap<ObjectId, string>,
): ReadonlyMap<ObjectId, string> {
  const held = new Map<ObjectId, string>();
  if (broken.size === 0) return held;
  for (let found = true; found;) {
    found = false;
    for (const { id, object } of desired) {
      if (held.has(id)) continue;
      for (const needed of references(object)) {
        const place = broken.get(needed);
        if (place === undefined && !held.has(needed)) continue;
        held.set(
          id,
          place === undefined
            ? `It needs ${needed}, which waits`
            : `It needs ${needed}, whose manifest has an error (${place})`,
        );
        found = true;
        break;
      }
    }
  }
  return held;
}

function unreadReason(object: KubeObject, unread: PlanInput['unread']): string | undefined {
  const gap = gapAround(object, unread);
  return gap === undefined ? undefined : `The cluster could not be asked for it: ${gap.why}`;
}

function waits({ id, source }: DesiredObject, reason: string, absent: boolean, passing = false): Change {
  return {
    op: 'wait',
    id,
    source,
    reason,
    fields: [],
    flags: [],
    ...(absent ? { absent } : {}),
    ...(passing ? { passing } : {}),
  };
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

function changeFor(
  wanted: DesiredObject,
  live: KubeObject | undefined,
  input: PlanInput,
  sealedTexts: readonly string[],
): Change {
  const { id, object, source, createOnly, placement } = wanted;
  const sealed = wanted.sealed === undefined ? {} : { sealed: wanted.sealed };
  if (live === undefined && placement?.how === 'nowhere')
    return waits(
      wanted,
      [placement.why, placement.change].filter(Boolean).join('. '),
      true,
      placement.passing === true,
    );
  if (wanted.partly === true) return partlyChange(wanted, live);
  if (live === undefined)
    return { op: 'create', id, source, desired: object, fields: [], flags: [], ...sealed };

  const refuse = (reason: string, fields = noFields, flags: readonly Flag[] = []) => ({
    op: 'refuse' as const,
    id,
    source,
    reason,
    fields,
    flags,
  });
  if (live.metadata.deletionTimestamp !== undefined) {
    return waits(wanted, 'It is being deleted; it is made again when it is gone', true, true);
  }
  const set = foreignSet(live, input.applySet);
  if (set !== undefined) return refuse(`It belongs to another ApplySet (${set}): remove it there first`);
  if (isControlled(live) && !isAppliedByUs(live)) {
    const owner = live.metadata.ownerReferences?.find(({ controller }) => controller === true);
    return refuse(`${owner?.kind} ${owner?.name} controls it, and would undo our change`);
  }

  if (placement?.how === 'unknown') return refuse(placement.why);
  if (isDriverWork(object)) return workChange(wanted, live);

  const differences = compare(object, live);
  if (differences.length === 0) return { op: 'keep', id, source, fields: [], flags: [] };
  const hiding = {
    sealed: { paths: wanted.sealed?.paths ?? [], texts: sealedTexts },
    mark: input.mark,
    within: [object, live],
  };
  const fields = differences.map((difference): FieldChange => {
    const field = fieldChange(object.kind, difference, hiding);
    const { path, manager } = difference;
    return manager === undefined ? field : { ...field, ...writerOf(live, path, manager) };
  });
  const flags = flagsOf(differences, live);
  if (createOnly !== undefined) return { op: 'wait', id, source, reason: createOnly, fields, flags };

  const conflicts = differences.filter(({ cause }) => cause === 'conflict');
  if (conflicts.length > 0 && input.settings.conflicts === 'report') {
    return refuse(
      conflictReason(
        conflicts.map((each) => describeDifference(each, live)),
        differences.length > conflicts.length,
      ),
      fields,
      flags,
    );
  }
  const drifted = differences.filter(({ cause }) => cause === 'drift');
  if (drifted.length > 0 && input.settings.drift === 'report') {
    const what = drifted.map((each) => describeDifference(each, live)).join(', ');
    const others = alsoWaiting(differences.length > drifted.length);
    const why =
      input.doubtful === true
        ? 'nobody knows whether the Settings want that set back before they are mended'
        : 'Settings spec.drift says to report that';
    return refuse(`It drifted in ${what}, and ${why}, so it stays as it is${others}`, fields, flags);
  }

  const fixed = immutable(object, live, differences);
  if (fixed?.verdict === 'refuse') {
    const refused = refuse(fixed.reason, fields, flags);
    return fixed.passing === true ? { ...refused, passing: true } : refused;
  }
  if (fixed?.verdict === 'replace') {
    return {
      op: 'replace',
      id,
      source,
      desired: object,
      live,
      reason: fixed.reason,
      fields,
      flags,
      ...sealed,
    };
  }
  const force = differences.some(({ manager }) => manager !== undefined);
  const forced: readonly Flag[] = conflicts.length > 0 ? ['force'] : [];
  return {
    op: 'update',
    id,
    source,
    desired: object,
    live,
    force,
    fields,
    flags: [...flags, ...forced],
    ...sealed,
  };
}

/** A pod that works on drivers is never changed: what it was made for is done, or it is made again. */
function workChange({ id, source, object, again }: DesiredObject, live: KubeObject): Change {
  const base = { id, source, fields: noFields, flags: [] };
  return again === undefined
    ? { ...base, op: 'keep' }
    : { ...base, op: 'replace', desired: object, live, reason: again, again: true };
}

/** Fields of something that others made: where it is gone there is nothing to do. */
function partlyChange({ id, source, object }: DesiredObject, live: KubeObject | undefined): Change {
  const base = { id, source, flags: [] };
  const differences = live === undefined ? [] : compare(object, live);
  if (live === undefined || differences.length === 0) return { ...base, op: 'keep', fields: [] };
  const fields = differences.map((each) => fieldChange(object.kind, each, { within: [object, live] }));
  return { ...base, op: 'update', desired: object, live, force: false, fields };
}

/** The ApplySet that holds `live`, if it is not ours. A label that somebody else wrote over ours is drift. */
function foreignSet(live: KubeObject, ours: string): string | undefined {
  const set = live.metadata.labels?.[PART_OF];
  if (set === undefined || set === ours) return undefined;
  const fields = ourFields(live);
  const path = [{ field: 'metadata' }, { field: 'labels' }, { field: PART_OF }];
  return fields === undefined || subtree(fields, path) !== undefined ? set : undefined;
}

const noFields: Change['fields'] = [];

function flagsOf(differences: readonly Difference[], live: KubeObject): readonly Flag[] {
  const flags: Flag[] = [];
  if (differences.some(({ cause }) => cause === 'drift')) flags.push('drift');
  if (differences.some(({ cause }) => cause === 'conflict')) flags.push('conflict');
  if (live.kind === 'Secret') flags.push('secret');
  return flags;
}

/** `objectId` of each live object, for building the map that a plan reads. */
export function byId(objects: Iterable<KubeObject>): ReadonlyMap<ObjectId, KubeObject> {
  return new Map([...objects].map((object) => [objectId(object), object]));
}
