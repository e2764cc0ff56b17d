import { isRecord } from '../kube/json.ts';
import { type FieldPath, lastField } from './field-path.ts';
import { KEY_DEFAULTS } from './merge-keys.ts';
import { sameQuantity, sameResource } from './quantity.ts';

/** Whether `have` holds all that `want` says; members that only `have` has are the server's defaults. */
export function covers(want: unknown, have: unknown, path: FieldPath): boolean {
  if (have === undefined && isEmpty(want)) return true;
  if (isRecord(want)) {
    return (
      isRecord(have) &&
      Object.entries(want).every(([field, member]) => covers(member, have[field], [...path, { field }]))
    );
  }
  if (Array.isArray(want)) {
    return (
      Array.isArray(have) &&
      want.length === have.length &&
      want.every((item, index) => covers(item, have[index], [...path, { index }]))
    );
  }
  return sameScalar(want, have, path);
}

/** Whether both are the same JSON, whatever the order of members. */
export function sameValue(a: unknown, b: unknown): boolean {
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

/** A map without members or a list without items. */
export function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

/** Maps of resources, and fields, whose values Kubernetes stores in a canonical form of its own. */
const RESOURCES = new Set(['limits', 'requests', 'capacity', 'overhead']);
const QUANTITY_FIELDS: Readonly<Record<string, string>> = {
  sizeLimit: 'emptyDir',
  divisor: 'resourceFieldRef',
};

/** Whether two scalars mean the same at `path`. The server leaves out a false, zero or empty value. */
export function sameScalar(want: unknown, have: unknown, path: FieldPath): boolean {
  if (want === have) return true;
  if (have === undefined) return isZero(want);
  if (want === '' && have === KEY_DEFAULTS[lastField(path)]) return true;
  switch (quantityAt(path)) {
    case 'resource':
      return sameResource(want, have);
    case 'quantity':
      return sameQuantity(want, have);
    default:
      return false;
  }
}

/** What stands for no value at all: Kubernetes does not tell it from a field that is not there. */
export function isZero(value: unknown): boolean {
  return value === false || value === 0 || value === '';
}

/** What kind of amount stands at `path`; undefined where it is none. */
export function quantityAt(path: FieldPath): 'resource' | 'quantity' | undefined {
  const parent = lastField(path.slice(0, -1));
  if (RESOURCES.has(parent)) return 'resource';
  return QUANTITY_FIELDS[lastField(path)] === parent ? 'quantity' : undefined;
}
