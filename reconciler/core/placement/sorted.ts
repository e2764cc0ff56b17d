import { canonicalJson } from '../kube/hash.ts';
import { compareText } from './compare-text.ts';

/** Sorted by key. Of several with one key the order is that of their content, so that it is never that of the input. */
function sortedBy<Value>(list: readonly Value[], keyOf: (value: Value) => string): readonly Value[] {
  return list.toSorted(
    (a, b) => compareText(keyOf(a), keyOf(b)) || compareText(canonicalJson(a), canonicalJson(b)),
  );
}

/** One for each key, in the order of keys. */
export function eachOnce<Value>(list: readonly Value[], keyOf: (value: Value) => string): readonly Value[] {
  const first = new Map<string, Value>();
  for (const value of sortedBy(list, keyOf)) if (!first.has(keyOf(value))) first.set(keyOf(value), value);
  return [...first.values()];
}
