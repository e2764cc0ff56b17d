import { canonicalJson } from '../kube/hash.ts';
import { isRecord, record } from '../kube/json.ts';
import type { FieldsV1, KubeObject } from '../kube/object.ts';
import { APPLIED_FIELDS, lastApplied } from './applied-fields.ts';
import { type FieldPath, formatPath, lastField } from './field-path.ts';
import { isIdentity, leavesBelow } from './leaves.ts';
import { INSTALL_MANAGER, otherManagers, ourFields, ownsItself, subtree } from './managed-fields.ts';
import { isAtomicMap, isOrdered, type Keyed, keyedElements } from './merge-keys.ts';
import { removals } from './removals.ts';
import { writerOf } from './writers.ts';
import { covers, isEmpty, isZero, sameScalar, sameValue } from './values.ts';

/** Fields that say nothing while they are empty: then the cluster chooses, and whatever it chose is right. */
const ALLOTTED: ReadonlySet<string> = new Set([
  'clusterIP',
  'nodePort',
  'healthCheckNodePort',
  'volumeName',
  'nodeName',
]);

/** One field in which live is not as desired. */
export interface Difference {
  readonly path: FieldPath;
  readonly from?: unknown;
  readonly to?: unknown;
  /**
   * `spec`: the manifest changed. `drift`: we had set the field, and somebody changed or removed it since. `conflict`:
   * another manager set it and we never did, or applies it, whether we did or not.
   */
  readonly cause: 'spec' | 'drift' | 'conflict';
  /** Another manager that owns the live value: only force changes it. */
  readonly manager?: string;
}

/**
 * Where `live` is not what `desired` asks for. Fields that only the server or other managers set do not count; fields
 * that we applied and that `desired` no longer has are removals. What `managedFields` says we own is as we applied it,
 * save for defaults that the server added inside.
 */
export function compare(desired: KubeObject, live: KubeObject): readonly Difference[] {
  const owned = ourFields(live);
  const applied = lastApplied(live);
  const differences: Difference[] = [];

  const report = (path: FieldPath, from: unknown, to: unknown): void => {
    differences.push({
      path,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...causeOf(path, from, to),
    });
  };

  const causeOf = (path: FieldPath, from: unknown, to: unknown): Pick<Difference, 'cause' | 'manager'> => {
    const [other] = from === undefined ? [] : otherManagers(live, path);
    const manager = other === undefined ? {} : { manager: other.name };
    if (lastField(path) === APPLIED_FIELDS)
      return { cause: other === undefined ? 'spec' : 'drift', ...manager };
    // It would set the field back, so that both would write in turn for ever.
    if (other?.name === INSTALL_MANAGER) return { cause: 'spec', ...manager };
    if (other?.applies === true) return { cause: 'conflict', ...manager };
    if (owns(owned, path)) return { cause: 'spec', ...manager };
    const wasOurs = leavesBelow(to, path).some((leaf) => applied.field(leaf.path));
    if (wasOurs && (owned !== undefined || from === undefined || other !== undefined))
      return { cause: 'drift', ...manager };
    return { cause: other === undefined ? 'spec' : 'conflict', ...manager };
  };

  const walk = (want: unknown, have: unknown, path: FieldPath): void => {
    if (isIdentity(path)) return;
    const keyed = Array.isArray(want) ? keyedElements(path, want) : undefined;
    if (keyed !== undefined) walkKeyed(keyed, want, have, path);
    else if (Array.isArray(want) || (isRecord(want) && isAtomicMap(path))) walkWhole(want, have, path);
    else if (isRecord(want)) walkRecord(want, have, path);
    else if (isNew(want, have, path)) report(path, have, want);
    else if (!sameScalar(want, have, path) ? !isServersOwn(want, have, path) : wasTaken(want, have, path))
      report(path, have, want);
  };

  /**
   * What stands for none may be missing in live although it was set. Where it never was, Kubernetes may well tell it from
   * a field that is not there.
   */
  const isNew = (want: unknown, have: unknown, path: FieldPath): boolean =>
    want !== undefined &&
    have === undefined &&
    !applied.field(path) &&
    (owned === undefined || !ownsItself(owned, path));

  /** In place of a zero value the server may put its default or what it allots; while that is ours, it is what we asked for. */
  const isServersOwn = (want: unknown, have: unknown, path: FieldPath): boolean =>
    have !== undefined &&
    isZero(want) &&
    (ALLOTTED.has(lastField(path)) || (owns(owned, path) && applied.value(path, want) === true));

  /** Live leaves out zero values. While we own one it is there all the same; somebody may have removed it, too. */
  const wasTaken = (want: unknown, have: unknown, path: FieldPath): boolean =>
    want !== undefined && have === undefined && applied.field(path) && !owns(owned, path);

  const walkRecord = (want: Readonly<Record<string, unknown>>, have: unknown, path: FieldPath): void => {
    if (have === undefined && Object.keys(want).length === 0) {
      if (isNew(want, have, path)) report(path, have, want);
      return;
    }
    const members = isRecord(have) ? have : have === undefined && isMapOfTexts(path) ? {} : undefined;
    if (members === undefined) report(path, have, want);
    else {
      for (const field of Object.keys(want)) {
        const member = want[field];
        // The same scalar, as most are, is the same wherever it stands.
        if (member === members[field] && (typeof member !== 'object' || member === null)) continue;
        walk(member, members[field], [...path, { field }]);
      }
    }
  };

  const walkKeyed = (
    keyed: ReadonlyMap<string, Keyed>,
    want: unknown,
    have: unknown,
    path: FieldPath,
  ): void => {
    if (keyed.size === 0 && isNew(want, have, path)) report(path, have, want);
    const others = have === undefined ? new Map<string, Keyed>() : keyedIn(path, have);
    if (others === undefined) {
      walkWhole(want, have, path);
      return;
    }
    if (isOrdered(path)) {
      const wanted = [...keyed.keys()].filter((key) => others.has(key));
      const there = [...others.keys()].filter((key) => keyed.has(key));
      if (wanted.join() !== there.join()) report(path, namesOf(others, there), namesOf(keyed, wanted));
    }
    for (const [key, { step, element }] of keyed) {
      const other = others.get(key);
      if (other === undefined) report([...path, step], undefined, element);
      else walk(element, other.element, [...path, step]);
    }
  };

  /**
   * A map or list that is replaced at once. Only while it is ours can what differs inside be the server's own: its
   * defaults, and what admission adds, such as tolerations.
   */
  const walkWhole = (want: unknown, have: unknown, path: FieldPath): void => {
    if (have === undefined && isEmpty(want)) {
      if (isNew(want, have, path)) report(path, have, want);
      return;
    }
    if (sameValue(want, have)) return;
    if (!owns(owned, path) || !(applied.value(path, want) ?? covers(want, have, path)))
      report(path, have, want);
  };

  walk(desired, live, []);
  if (owned !== undefined) {
    for (const [path, from] of removals(owned, desired, live))
      differences.push({ path, from, cause: 'spec' });
  }
  return visible(differences);
}

/** Our own record of applied fields follows each change, so it is worth showing only where nothing else differs. */
function visible(differences: readonly Difference[]): readonly Difference[] {
  const others = differences.filter((difference) => lastField(difference.path) !== APPLIED_FIELDS);
  return others.length > 0 ? others : differences;
}

function owns(owned: FieldsV1 | undefined, path: FieldPath): boolean {
  return owned !== undefined && subtree(owned, path) !== undefined;
}

/** Whether it is a value that stands for none, where there was no field before: not everywhere is that a change. */
export function isNewZero({ from, to }: Pick<Difference, 'from' | 'to'>): boolean {
  return from === undefined && to !== undefined && (isZero(to) || isEmpty(to));
}

/** Labels, annotations and data are told entry by entry even where live has none yet. */
function isMapOfTexts(path: FieldPath): boolean {
  return (
    ['metadata', 'labels', 'annotations', 'data', 'binaryData'].includes(lastField(path)) && path.length <= 2
  );
}

function keyedIn(path: FieldPath, have: unknown): ReadonlyMap<string, Keyed> | undefined {
  return Array.isArray(have) ? keyedElements(path, have) : undefined;
}

/** What elements of an ordered list are called; those that come or go are told for themselves. */
function namesOf(keyed: ReadonlyMap<string, Keyed>, keys: readonly string[]): readonly unknown[] {
  return keys.map((key) => record(keyed.get(key)?.element)['name']);
}

/** Whether `now` is the object that was planned for, and asks for the very changes that were planned. */
export function isAsPlanned(desired: KubeObject, planned: KubeObject, now: KubeObject): boolean {
  if (now.metadata.uid !== planned.metadata.uid || now.metadata.deletionTimestamp !== undefined) return false;
  return canonicalJson(compare(desired, now)) === canonicalJson(compare(desired, planned));
}

/** `spec.replicas (set by hand: kubectl edit)`, for messages. */
export function describeDifference({ path, manager }: Difference, live: KubeObject): string {
  const text = formatPath(path);
  return manager === undefined ? text : `${text} (set ${writerOf(live, path, manager).by})`;
}
