import type { OwnerOutput } from '../../../schemas/output/explanation.ts';
import type { FieldsV1, KubeObject, ManagedFieldsEntry } from '../kube/object.ts';
import type { FieldPath } from '../plan/field-path.ts';
import { isOurs, subtree } from '../plan/managed-fields.ts';

/** Who manages the field at `path`, or something below it: those that wrote last come first. */
export function ownersOfField(live: KubeObject | undefined, path: FieldPath): OwnerOutput[] {
  return entriesOf(live)
    .filter(({ fieldsV1 = {} }) => subtree(fieldsV1, path) !== undefined)
    .map(owner)
    .toSorted(byTime);
}

/** Everybody who manages something of an object, and how many fields of it. */
export function ownersOf(live: KubeObject | undefined): OwnerOutput[] {
  return entriesOf(live)
    .map((entry) => ({ ...owner(entry), fields: countLeaves(entry.fieldsV1 ?? {}) }))
    .toSorted(byTime);
}

function entriesOf(live: KubeObject | undefined): readonly ManagedFieldsEntry[] {
  return live?.metadata.managedFields ?? [];
}

function owner(entry: ManagedFieldsEntry): OwnerOutput {
  const { manager = 'unknown', operation = 'Update', subresource, time } = entry;
  return {
    manager,
    operation,
    ...(subresource === undefined || subresource === '' ? {} : { subresource }),
    ...(time === undefined ? {} : { time }),
    ours: isOurs(entry),
  };
}

function byTime(a: OwnerOutput, b: OwnerOutput): number {
  const [one, other] = [a.time ?? '', b.time ?? ''];
  return one === other ? (a.manager < b.manager ? -1 : 1) : one < other ? 1 : -1;
}

function countLeaves(fields: FieldsV1): number {
  let count = 0;
  for (const [key, below] of Object.entries(fields)) {
    if (key === '.') continue;
    count += Object.keys(below).some((each) => each !== '.') ? countLeaves(below) : 1;
  }
  return count;
}
