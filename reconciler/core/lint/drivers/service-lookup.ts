import { describeReference, type Reference } from '../client/target-of.ts';
import type { SpecOf, SpecSet } from '../spec-rule.ts';

export type ServiceLookup = (reference: Reference) => SpecOf<'object'> | undefined;

/** Finds the Services of the repository by their names. */
export function serviceLookup({ objects }: Pick<SpecSet, 'objects'>): ServiceLookup {
  const known = new Map<string, SpecOf<'object'>>();
  for (const spec of objects) {
    const { kind, metadata } = spec.manifest;
    if (kind !== 'Service') continue;
    known.set(describeReference({ namespace: metadata.namespace ?? '', name: metadata.name }), spec);
  }
  return (reference) => known.get(describeReference(reference));
}
