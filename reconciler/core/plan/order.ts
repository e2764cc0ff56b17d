import { stageOf, STAGES } from '../kube/kinds.ts';
import type { ObjectId } from '../kube/object.ts';
import { references } from '../kube/references.ts';
import type { Change, Write } from './change.ts';

/**
 * Writes in the order in which they are carried out: a stage starts when the one before it has ended. What others
 * stand on is created first and pruned last; within a kind's stage, what another write refers to comes before it.
 */
export function stages(changes: readonly Write[]): readonly (readonly Write[])[] {
  const rank = ranks(changes);
  const byRank = Map.groupBy(changes, (change) => rank(change));
  return [...byRank.entries()].toSorted(([a], [b]) => a - b).map(([, stage]) => stage.toSorted(byId));
}

/** The objects whose failure holds `change` back. A deletion waits for nothing. */
export function needs(change: Write): readonly ObjectId[] {
  return change.op === 'prune' ? [] : [...references(change.desired)];
}

/** Changes as they are shown: writes by stage, then those that stay. */
export function ordered(changes: readonly Change[]): readonly Change[] {
  const rank = ranks(changes);
  const known = new Map(changes.map((change) => [change, rank(change)]));
  return changes.toSorted((a, b) => (known.get(a) ?? 0) - (known.get(b) ?? 0) || byId(a, b));
}

function byId(a: Change, b: Change): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Room for chains of references within one stage: a ServiceAccount that names a Secret, a Pod that names a Pod. */
const DEPTHS = 8;

function ranks(changes: readonly Change[]): (change: Change) => number {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const depths = new Map<ObjectId, number>();

  /** How many references lead on within the same stage; a circle counts as none. */
  const depth = (change: Change, seen: readonly ObjectId[]): number => {
    const known = depths.get(change.id);
    if (known !== undefined) return known;
    const object = 'desired' in change ? change.desired : 'live' in change ? change.live : undefined;
    if (object === undefined || seen.includes(change.id) || seen.length >= DEPTHS) return 0;
    let deepest = 0;
    for (const id of references(object)) {
      const other = byId.get(id);
      if (other === undefined || other === change || stageOf(other.id) !== stageOf(change.id)) continue;
      deepest = Math.max(deepest, 1 + depth(other, [...seen, change.id]));
    }
    const result = Math.min(deepest, DEPTHS - 1);
    depths.set(change.id, result);
    return result;
  };

  return (change) => {
    const forward = STAGES.indexOf(stageOf(change.id)) * DEPTHS + depth(change, []);
    const last = STAGES.length * DEPTHS;
    return change.op === 'prune' ? 2 * last - forward : forward;
  };
}
