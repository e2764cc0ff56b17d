import { parseObjectId } from '../kube/object.ts';
import type { Spec } from '../spec/spec.ts';
import { describeReference, type Reference } from './client/target-of.ts';
import { perSpec } from './per-spec.ts';
import type { SpecOf, SpecSet } from './spec-rule.ts';

/** `namespace/name`; the namespace is empty where there is none. */
export const labelOf = perSpec(({ id }: Spec) => {
  const { namespace = '', name } = parseObjectId(id);
  return describeReference({ namespace, name });
});

export type ObjectLookup = (reference: Reference) => SpecOf<'object'> | undefined;

/** Finds the plain objects of one kind by their names. */
export function objectLookup({ objectsOf }: Pick<SpecSet, 'objectsOf'>, kind: string): ObjectLookup {
  let known: ReadonlyMap<string, SpecOf<'object'>> | undefined;
  return (reference) => {
    known ??= new Map(objectsOf(kind).map((spec) => [labelOf(spec), spec]));
    return known.get(describeReference(reference));
  };
}
