import { isRecord } from '../kube/json.ts';
import type { FieldsV1, KubeObject } from '../kube/object.ts';
import { APPLIED_FIELDS, wasApplied } from './applied-fields.ts';
import { type FieldPath, formatPath } from './field-path.ts';
import { isIdentity, lastField } from './leaves.ts';
import { FIELD_MANAGER, otherManagers, ourFields, subtree } from './managed-fields.ts';
import { keyedElements } from './merge-keys.ts';
import { sameQuantity } from './quantity.ts';

/** One field in which live is not as desired. */
export interface Difference {
  readonly path: FieldPath;
  readonly from?: unknown;
  readonly to?: unknown;
  /**
   * `spec`: the manifest changed. `drift`: we had set the field, and somebody changed or removed it since. `conflict`:
   * another manager set it, and we never did.
   */
  readonly cause: 'spec' | 'drift' | 'conflict';
  /** The manager that owns the live value, if it is not us. */
  readonly manager?: string;
}

/**
 * Where `live` is not what `desired` asks for. Fields that only the server or other managers set do not count; fields
 * that we applied and that `desired` no longer has are removals. What `managedFields` says we own is as we applied it,
 * save for defaults that the server added inside.
 */
export function compare(desired: KubeObject, live: KubeObject): readonly Difference[] {
  const owned = ourFields(live);
  const applied = wasApplied(live);
  const differences: Difference[] = [];

  const report = (path: FieldPath, from: unknown, to: unknown, ours: boolean): void => {
    const manager = ours ? undefined : otherManagers(live, path)[0];
    const taken = !ours && (manager !== undefined || from === undefined);
    const cause = !taken ? 'spec' : applied(path) ? 'drift' : from === undefined ? 'spec' : 'conflict';
    differences.push({
      path,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      cause,
      ...(manager === undefined ? {} : { manager }),
    });
  };

  const walk = (want: unknown, have: unknown, path: FieldPath): void => {
    if (isIdentity(path)) return;
    if (isRecord(want)) {
      if (have === undefined && Object.keys(want).length === 0) return;
      if (!isRecord(have)) {
        report(path, have, want, owns(owned, path));
        return;
      }
      for (const [field, member] of Object.entries(want)) walk(member, have[field], [...path, { field }]);
      return;
    }
    if (Array.isArray(want)) {
      walkList(want, have, path);
      return;
    }
    if (!sameScalar(want, have, path)) report(path, have, want, owns(owned, path));
  };

  const walkList = (want: readonly unknown[], have: unknown, path: FieldPath): void => {
    if (have === undefined && want.length === 0) return;
    const keyed = keyedElements(lastField(path), path, want);
    const others = Array.isArray(have) ? keyedElements(lastField(path), path, have) : undefined;
    if (keyed !== undefined && others !== undefined) {
      for (const [key, { step, element }] of keyed) {
        const other = others.get(key);
        if (other === undefined) report([...path, step], undefined, element, owns(owned, [...path, step]));
        else walk(element, other.element, [...path, step]);
      }
      return;
    }
    // A list that is replaced as a whole: only while it is ours can what differs inside be the server's defaults.
    const ours = owns(owned, path);
    const same = Array.isArray(have) && (ours ? covers(want, have, path) : sameValue(want, have));
    if (!same) report(path, have, want, ours);
  };

  walk(desired, live, []);
  if (owned !== undefined) {
    for (const [path, from] of removals(owned, desired, live, []))
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

/** What we own in `live` and `desired` does not have: the next apply removes it. */
function* removals(
  owned: FieldsV1,
  desired: unknown,
  live: unknown,
  path: FieldPath,
): Generator<readonly [path: FieldPath, from: unknown]> {
  if (live === undefined || isIdentity(path)) return;
  for (const [key, child] of Object.entries(owned)) {
    const kind = key.slice(0, 2);
    if (kind === 'f:') {
      const field = key.slice(2);
      const step = { field };
      const have = isRecord(live) ? live[field] : undefined;
      if (have === undefined || isIdentity([...path, step])) continue;
      const want = isRecord(desired) ? desired[field] : undefined;
      if (want === undefined) yield [[...path, step], have];
      else yield* removals(child, want, have, [...path, step]);
    } else if (kind === 'k:') {
      const want = elementWithKeys(desired, path, key);
      const have = elementWithKeys(live, path, key);
      if (have === undefined) continue;
      if (want === undefined) yield [[...path, have.step], have.element];
      else yield* removals(child, want.element, have.element, [...path, have.step]);
    }
  }
}

function elementWithKeys(list: unknown, path: FieldPath, key: string): ReturnType<typeof findKeyed> {
  return Array.isArray(list) ? findKeyed(list, path, key) : undefined;
}

function findKeyed(list: readonly unknown[], path: FieldPath, key: string) {
  const wanted: unknown = JSON.parse(key.slice(2));
  if (!isRecord(wanted)) return undefined;
  const elements = keyedElements(lastField(path), path, list);
  for (const found of elements?.values() ?? []) {
    if (!('keys' in found.step)) continue;
    const { keys } = found.step;
    if (Object.entries(wanted).every(([name, value]) => keys[name] === value)) return found;
  }
  return undefined;
}

/** Whether `have` holds all that `want` says; members that only `have` has are the server's defaults. */
function covers(want: unknown, have: unknown, path: FieldPath): boolean {
  if (isRecord(want)) {
    if (have === undefined) return Object.keys(want).length === 0;
    if (!isRecord(have)) return false;
    return Object.entries(want).every(([field, member]) => covers(member, have[field], [...path, { field }]));
  }
  if (Array.isArray(want)) {
    if (have === undefined) return want.length === 0;
    return (
      Array.isArray(have) &&
      want.length === have.length &&
      want.every((item, index) => covers(item, have[index], [...path, { index }]))
    );
  }
  return sameScalar(want, have, path);
}

function sameValue(a: unknown, b: unknown): boolean {
  if (isRecord(a)) {
    if (!isRecord(b)) return false;
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => sameValue(a[name], b[name]));
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  return a === b;
}

/** Maps whose values, and fields whose value, Kubernetes stores in a canonical form of its own. */
const QUANTITY_MAPS = new Set([
  'limits',
  'requests',
  'capacity',
  'allocatable',
  'hard',
  'overhead',
  'max',
  'min',
  'default',
]);
const QUANTITY_FIELDS = new Set(['sizeLimit', 'divisor', 'storage']);

function sameScalar(want: unknown, have: unknown, path: FieldPath): boolean {
  if (want === have) return true;
  // The server leaves out a false, zero or empty value of a field that is not a pointer in Go.
  if (have === undefined) return want === false || want === 0 || want === '';
  const parent = path.at(-2);
  const inQuantities = parent !== undefined && 'field' in parent && QUANTITY_MAPS.has(parent.field);
  return (inQuantities || QUANTITY_FIELDS.has(lastField(path))) && sameQuantity(want, have);
}

/** `spec.replicas (set by kubectl-edit)`, for messages. */
export function describeDifference({ path, manager }: Difference): string {
  return manager === undefined || manager === FIELD_MANAGER
    ? formatPath(path)
    : `${formatPath(path)} (set by ${manager})`;
}
