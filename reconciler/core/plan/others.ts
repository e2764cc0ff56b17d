import type { FieldsV1, KubeObject, ManagedFieldsEntry } from '../kube/object.ts';
import { record } from '../kube/json.ts';
import { isOurs } from './managed-fields.ts';

/** Why deleting `live` would take from others what is theirs; undefined where nobody would miss anything. */
export function missedByOthers(live: KubeObject): { readonly why: string; readonly way: string } | undefined {
  const writers = dataOfOthers(live);
  if (writers.length > 0)
    return { why: `${writers.join(', ')} set data of it too`, way: 'move that elsewhere' };
  const appliers = namesOf(
    live,
    ({ operation, fieldsV1 = {} }) => operation === 'Apply' && isContent(fieldsV1),
  );
  return appliers.length === 0
    ? undefined
    : {
        why: `${appliers.join(', ')} ${appliers.length === 1 ? 'applies' : 'apply'} it too`,
        way: 'stop it there',
      };
}

/** Managers other than us that set entries of a ConfigMap's or Secret's data, save those that `kept` has as well. */
export function dataOfOthers(live: KubeObject, kept?: KubeObject): readonly string[] {
  if (live.kind !== 'ConfigMap' && live.kind !== 'Secret') return [];
  const stays = { ...record(kept?.['data']), ...record(kept?.['binaryData']) };
  return namesOf(live, ({ fieldsV1 = {} }) =>
    DATA.some((field) =>
      Object.keys(fieldsV1[field] ?? {}).some((key) => key.startsWith('f:') && !(key.slice(2) in stays)),
    ),
  );
}

/** What is applied as `stringData` is stored as data, and owned under the name that it came with. */
const DATA = ['f:data', 'f:binaryData', 'f:stringData'];

/** Whether `fields` are more than what controllers and people put on an object of somebody else. */
function isContent(fields: FieldsV1): boolean {
  return Object.keys(fields).some((key) => key !== 'f:metadata' && key !== 'f:status');
}

function namesOf(live: KubeObject, is: (entry: ManagedFieldsEntry) => boolean): readonly string[] {
  const theirs = (live.metadata.managedFields ?? []).filter(
    (entry) => !isOurs(entry) && !entry.subresource && is(entry),
  );
  return [...new Set(theirs.map(({ manager = 'unknown' }) => manager))].toSorted();
}
