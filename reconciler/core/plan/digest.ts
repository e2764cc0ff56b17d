import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import type { Change, FieldChange } from './change.ts';
import { holdsMark, withPlainMarks } from './mark.ts';
import { withoutValues } from './without-values.ts';

/**
 * `sha256:…` over what a plan would do: each change's operation, target with its UID, and fields with their values. Commit, source
 * lines, resourceVersions, risks, which follow from the rest, and whether it was proven are left out, so the same work has the same digest wherever it comes
 * from. The values of Secrets, and what stands encrypted in the repository, are left out too; which keys a Secret has is not.
 */
export function planDigest(changes: readonly Change[]): string {
  const work = changes
    .filter((change) => change.op !== 'keep')
    .map(({ op, id, fields, flags, sealed, ...rest }) => ({
      op,
      id,
      fields: fields.map(asDigested),
      flags: flags.filter((flag) => flag !== 'unproven'),
      ...('live' in rest && rest.live !== undefined ? { uid: rest.live.metadata.uid } : {}),
      // What looks like a secret is hidden in the fields, so what is asked for says what is meant.
      ...('desired' in rest && (op === 'create' || fields.some(holdsMark))
        ? { desired: withoutValues(rest.desired, sealed) }
        : {}),
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return `sha256:${sha256Hex(canonicalJson(work))}`;
}

/** Marks differ between processes; when and how a field was set changes nothing of the work. */
function asDigested({ by: _how, at: _when, ...field }: FieldChange): unknown {
  return withPlainMarks(field);
}
