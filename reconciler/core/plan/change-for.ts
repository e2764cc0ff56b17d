import type { Settings } from '../../../schemas/settings.ts';
import type { DesiredObject } from '../desired/desired.ts';
import { PART_OF } from '../desired/ownership.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Change, FieldChange, Flag } from './change.ts';
import { compare, describeDifference, type Difference } from './compare.ts';
import { alsoWaiting, conflictReason } from './conflict-reason.ts';
import { isDriverWork } from './driver-objects.ts';
import { immutable } from './immutable.ts';
import { isAppliedByUs, ourFields, subtree } from './managed-fields.ts';
import type { Mark } from './mark.ts';
import { isControlled } from './prune.ts';
import { fieldChange } from './redact.ts';
import { writerOf } from './writers.ts';

/** What holds for all objects of a plan. */
export interface ChangeContext {
  readonly settings: Settings['spec'];
  /** Whether that is only what is safe, since nobody knows what the repository's own say. */
  readonly doubtful?: boolean;
  readonly applySet: string;
  /** What hidden values are marked with; the same mark for all where unset. */
  readonly mark?: Mark;
}

/** What a plan does with an object, by what is there of it. */
export function changeFor(
  wanted: DesiredObject,
  live: KubeObject | undefined,
  input: ChangeContext,
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
  if (isDriverWork(object)) {
    if (isAppliedByUs(live)) return workChange(wanted, live);
    return refuse('Others have made a pod of its name: delete that one, and it is made');
  }

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

/** An object that is not written in this pass. */
export function waits(
  { id, source }: DesiredObject,
  reason: string,
  absent: boolean,
  passing = false,
): Change {
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
