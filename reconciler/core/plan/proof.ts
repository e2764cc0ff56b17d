import type { DryRun } from '../../ports.ts';
import { sha256Hex } from '../kube/hash.ts';
import type { KubeObject, ObjectId } from '../kube/object.ts';
import { withoutValues } from '../report/redact.ts';
import { withoutSealed } from '../spec/sealed.ts';
import { addedFields } from './added-fields.ts';
import { type Change, type Write, unmade } from './change.ts';
import { conflictReason } from './conflict-reason.ts';
import type { Mark } from './mark.ts';
import { needs } from './order.ts';
import { sameValue } from './values.ts';
import { describeManager } from './writers.ts';

type Applied = Extract<Write, { op: 'create' | 'update' | 'replace' }>;

/** Whether nothing can be asked of the API server yet, because the plan makes the namespace itself. */
export function isBeyondProof(change: Applied, missing: ReadonlySet<ObjectId>): boolean {
  const { namespace } = change.desired.metadata;
  return namespace !== undefined && missing.has(`v1/Namespace/${namespace}` as ObjectId);
}

/** `change` marked as one that could not be tried. */
export function unproven<Any extends Change>(change: Any): Any {
  return { ...change, flags: [...change.flags, 'unproven'] };
}

/**
 * What is dry-run for `change`. A replacement cannot be tried under its own name while the old object has it, so it is
 * tried under another one.
 */
export function trial(change: Applied): KubeObject {
  const { desired } = change;
  if (change.op !== 'replace') return desired;
  const name = `trial-${sha256Hex(change.id).slice(0, 12)}`;
  // There can be only one default, and the old object may be it.
  const rest = desired['globalDefault'] === true ? { ...desired, globalDefault: false } : desired;
  return { ...rest, metadata: { ...desired.metadata, name } };
}

/** Whether a trial under another name failed only because both cannot be there at once. */
export function isOnlyCrowded(dryRun: DryRun): boolean {
  return dryRun.result === 'rejected' && dryRun.why.includes('exceeded quota');
}

/** What becomes of `change` after the API server has tried it, while what is `missing` is not there yet. */
export function proven(change: Applied, dryRun: DryRun, missing: ReadonlySet<ObjectId>, mark?: Mark): Change {
  switch (dryRun.result) {
    case 'accepted':
      if (change.op === 'update' && isSame(change.live, dryRun.object)) return keep(change);
      return { ...change, ...addedFields(change, trial(change), dryRun.object, mark) };
    case 'conflict': {
      // Another object of the trial's name tells nothing of the replacement.
      if (change.op === 'replace') return unproven(change);
      const owned = new Set(dryRun.conflicts.map(({ path }) => path));
      const reason = conflictReason(
        dryRun.conflicts.map(({ path, manager }) => `${path} (set ${describeManager({ manager })})`),
        change.fields.some(({ path }) => !owned.has(path)),
      );
      return { ...unmade(change, 'refuse', reason), flags: [...change.flags, 'conflict'] };
    }
    case 'rejected': {
      if (isOnlyCrowded(dryRun) && change.op === 'replace') return unproven(change);
      // What it needs is not there yet, and that may be all that is wrong.
      if (needs(change).some((id) => missing.has(id))) return unproven(change);
      // The server may quote what it would not take.
      const shown = (words: string) =>
        withoutSealed(withoutValues(words, change.desired), change.sealed?.texts ?? []);
      const hint = dryRun.hint === undefined ? '' : ` ${shown(dryRun.hint)}`;
      return unmade(change, 'refuse', `${shown(dryRun.why)} (${dryRun.code})${hint}`);
    }
  }
}

function keep({ id, source }: Applied): Change {
  return { op: 'keep', id, fields: [], flags: [], ...(source === undefined ? {} : { source }) };
}

/** What is not there yet, although the plan asks for it. */
export function missingBefore(changes: readonly Change[]): ReadonlySet<ObjectId> {
  const isMissing = (change: Change) =>
    change.op === 'create' || (change.op === 'wait' && change.absent === true);
  return new Set(changes.filter(isMissing).map(({ id }) => id));
}

/** Who manages what, and the version, change with every write. */
function isSame(live: KubeObject, tried: KubeObject): boolean {
  const content = ({ metadata, ...object }: KubeObject) => {
    const { managedFields: _managers, resourceVersion: _version, ...rest } = metadata;
    return { ...object, metadata: rest };
  };
  return sameValue(content(live), content(tried));
}
