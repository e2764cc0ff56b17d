import type { KubeObject, ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import type { Change } from '../plan/change.ts';
import { objectsBuiltOf, type Situation } from './situation.ts';

/**
 * Those changes of the plan that have to be proved together for `id` to come out as in the plan: its own, and whatever may
 * hold these back. What an object needs comes before it, and what refers to it before its deletion.
 */
export function proofScope(id: ObjectId, situation: Situation): readonly Change[] {
  const { changes } = situation.assessment;
  const byId = new Map(changes.map((change) => [change.id, change]));
  const desired = new Map(situation.desired.map((each) => [each.id, each.object]));
  let users: ReadonlyMap<ObjectId, readonly ObjectId[]> | undefined;
  const found = new Set<ObjectId>();
  const queue = [...toldOf(id, situation)];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const change = byId.get(next);
    if (change === undefined || found.has(next)) continue;
    found.add(next);
    const object = desired.get(next);
    if (object !== undefined) queue.push(...references(object));
    if (change.op !== 'prune') continue;
    users ??= usersIn(changes);
    for (const user of users.get(next) ?? []) queue.push(user);
    if (change.renamedTo !== undefined) queue.push(change.renamedTo);
  }
  return changes.filter((change) => found.has(change.id));
}

/** The objects that an explanation of `id` tells of: what is built of a manifest, and what goes ahead with an approval. */
function toldOf(id: ObjectId, situation: Situation): readonly ObjectId[] {
  const spec = situation.specs.specs.find((each) => each.id === id);
  if (spec === undefined) return [id];
  const approved = situation.assessment.changes.filter(({ approved: grants = [] }) =>
    grants.some(({ source }) => source === spec.source),
  );
  return [id, ...objectsBuiltOf(situation, spec), ...approved.map((change) => change.id)];
}

/** Which changes are of objects that refer to one in the cluster. */
function usersIn(changes: readonly Change[]): ReadonlyMap<ObjectId, readonly ObjectId[]> {
  const users = new Map<ObjectId, ObjectId[]>();
  for (const change of changes) {
    const live = liveOf(change);
    for (const used of live === undefined ? [] : references(live)) {
      const known = users.get(used);
      if (known === undefined) users.set(used, [change.id]);
      else known.push(change.id);
    }
  }
  return users;
}

function liveOf(change: Change): KubeObject | undefined {
  if ('live' in change && change.live !== undefined) return change.live;
  const pending = change.op === 'wait' ? change.pending : undefined;
  return pending !== undefined && 'live' in pending ? pending.live : undefined;
}
