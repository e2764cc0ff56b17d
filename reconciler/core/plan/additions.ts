import { isRecord } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { type FieldPath, formatPath } from './field-path.ts';
import { isIdentity } from './leaves.ts';
import { otherManagers } from './managed-fields.ts';
import { type Keyed, keyedElements } from './merge-keys.ts';
import { isEmpty, isZero, sameScalar, sameValue } from './values.ts';

/** A field in which the API server would store something else than it was asked for. */
export interface Addition {
  readonly path: FieldPath;
  /** What is asked for; absent where nothing is. */
  readonly from?: unknown;
  /** What would be stored; absent where it is taken out. */
  readonly to?: unknown;
}

/** Fields of every object that only the server writes. */
const SERVERS = new Set([
  'status',
  'metadata.generation',
  'metadata.creationTimestamp',
  'metadata.managedFields',
  'metadata.selfLink',
  'metadata.generateName',
]);

/**
 * What the API server makes of `desired` beyond what it says, when it tries to write it: `stored` is its answer. What
 * `before` has already is not new, and what others set is not the server's.
 */
export function additions(desired: KubeObject, stored: KubeObject, before?: KubeObject): readonly Addition[] {
  const found: Addition[] = [];

  const walk = (want: unknown, got: unknown, had: unknown, path: FieldPath): void => {
    if (isIdentity(path) || (path.length <= 2 && SERVERS.has(formatPath(path)))) return;
    if (got === undefined) {
      if (want !== undefined && !isZero(want) && !isEmpty(want)) found.push({ path, from: want });
      return;
    }
    if (sameValue(want, got) || (want === undefined && (sameValue(got, had) || isOfOthers(path)))) return;
    if (isRecord(got) && (want === undefined || isRecord(want))) {
      const fields = new Set([...Object.keys(want ?? {}), ...Object.keys(got)]);
      if (want === undefined && fields.size === 0) found.push({ path, to: got });
      for (const field of fields) walk(want?.[field], got[field], memberOf(had, field), [...path, { field }]);
      return;
    }
    if (Array.isArray(got) && (want === undefined || Array.isArray(want)) && got.length > 0)
      walkList(want ?? [], got, had, path);
    else if (want === undefined || isZero(want) || isEmpty(want)) found.push({ path, to: got });
    else if (!sameScalar(want, got, path)) found.push({ path, from: want, to: got });
  };

  const isOfOthers = (path: FieldPath): boolean => otherManagers(stored, path).length > 0;

  const walkList = (
    want: readonly unknown[],
    got: readonly unknown[],
    had: unknown,
    path: FieldPath,
  ): void => {
    const wanted = keyedElements(path, want);
    const there = keyedElements(path, got);
    if (wanted === undefined || there === undefined) {
      walkWhole(want, got, had, path);
      return;
    }
    const old = Array.isArray(had) ? keyedElements(path, had) : undefined;
    for (const [key, { step, element }] of there) {
      const other = wanted.get(key)?.element;
      const earlier = old?.get(key)?.element;
      if (other !== undefined) walk(other, element, earlier, [...path, step]);
      else if (!sameValue(element, earlier) && !isOfOthers([...path, step]))
        found.push({ path: [...path, step], to: element });
    }
    for (const { step, element } of missing(wanted, there))
      found.push({ path: [...path, step], from: element });
  };

  /** Without keys an item is known by its place, as long as those that were asked for are still in theirs. */
  const walkWhole = (
    want: readonly unknown[],
    got: readonly unknown[],
    had: unknown,
    path: FieldPath,
  ): void => {
    if (!keeps(want, got.slice(0, want.length), path)) {
      found.push({ path, from: want, to: got });
      return;
    }
    for (const [index, item] of got.entries()) {
      const earlier: unknown = Array.isArray(had) ? had[index] : undefined;
      if (index < want.length) walk(want[index], item, earlier, [...path, { index }]);
      else if (!sameValue(item, earlier)) found.push({ path: [...path, { index }], to: item });
    }
  };

  walk(desired, stored, before, []);
  return found;
}

/** Whether `got` has all that `want` says, save for values that stand for none. */
function keeps(want: unknown, got: unknown, path: FieldPath): boolean {
  if (isZero(want) || isEmpty(want)) return true;
  if (Array.isArray(want)) {
    return (
      Array.isArray(got) &&
      want.length === got.length &&
      want.every((item, index) => keeps(item, got[index], [...path, { index }]))
    );
  }
  if (isRecord(want)) {
    return (
      isRecord(got) &&
      Object.entries(want).every(([field, member]) => keeps(member, got[field], [...path, { field }]))
    );
  }
  return sameScalar(want, got, path);
}

function memberOf(value: unknown, field: string): unknown {
  return isRecord(value) ? value[field] : undefined;
}

function missing(wanted: ReadonlyMap<string, Keyed>, there: ReadonlyMap<string, Keyed>): readonly Keyed[] {
  return [...wanted].filter(([key]) => !there.has(key)).map(([, keyed]) => keyed);
}
