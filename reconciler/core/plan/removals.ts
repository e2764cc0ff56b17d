import { isRecord } from '../kube/json.ts';
import type { FieldsV1, KubeObject } from '../kube/object.ts';
import type { FieldPath } from './field-path.ts';
import { isIdentity } from './leaves.ts';
import { otherManagers } from './managed-fields.ts';
import { type Keyed, keyedElements } from './merge-keys.ts';

/**
 * What we own in `live` and `desired` does not have: the next apply removes it. What somebody else owns too stays when
 * we let go of it, and so is not among them.
 */
export function removals(
  owned: FieldsV1,
  desired: KubeObject,
  live: KubeObject,
): Generator<readonly [path: FieldPath, from: unknown]> {
  return below(owned, desired, live, []);

  function* below(
    node: FieldsV1,
    want: unknown,
    have: unknown,
    path: FieldPath,
  ): Generator<readonly [path: FieldPath, from: unknown]> {
    for (const [key, child] of Object.entries(node)) {
      if (isWanted(key, child, want)) continue;
      const found = memberOf(key, have, path);
      if (found === undefined || found.element === undefined) continue;
      const at = [...path, found.step];
      if (isIdentity(at)) continue;
      const wanted = memberOf(key, want, path)?.element;
      if (wanted === undefined && otherManagers(live, at).length === 0) yield [at, found.element];
      else yield* below(child, wanted, found.element, at);
    }
  }
}

/** Whether it is a field without parts that is asked for still, as most are. */
function isWanted(key: string, child: FieldsV1, want: unknown): boolean {
  if (!key.startsWith('f:') || !isRecord(want) || want[key.slice(2)] === undefined) return false;
  for (const _ in child) return false;
  return true;
}

/** What `key` of a managed-fields tree (`f:NAME`, `k:{…}`, `v:…`) stands for in `value`. */
function memberOf(key: string, value: unknown, path: FieldPath): Keyed | undefined {
  const text = key.slice(2);
  switch (key.slice(0, 2)) {
    case 'f:':
      return { step: { field: text }, element: isRecord(value) ? value[text] : undefined };
    case 'k:':
    case 'v:': {
      const elements = Array.isArray(value) ? keyedElements(path, value) : undefined;
      const wanted: unknown = JSON.parse(text);
      return [...(elements?.values() ?? [])].find(({ step }) => isStep(step, wanted));
    }
    default:
      return undefined;
  }
}

function isStep(step: Keyed['step'], wanted: unknown): boolean {
  if ('value' in step) return step.value === wanted;
  if (!('keys' in step) || !isRecord(wanted)) return false;
  return Object.entries(wanted).every(([name, value]) => step.keys[name] === value);
}
