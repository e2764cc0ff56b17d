import { canonicalJson, sha256Hex } from '../kube/hash.ts';
import { hideSealed } from '../spec/sealed.ts';
import type { Change } from './change.ts';

/**
 * `sha256:…` over what a plan would do: each change's operation, target with its UID, and fields with their values. Commit, source
 * lines, resourceVersions and whether it was proven are left out, so the same work has the same digest wherever it comes
 * from. The values of Secrets, and what stands encrypted in the repository, are left out too, since a digest of a weak one could be guessed.
 */
export function planDigest(changes: readonly Change[]): string {
  const work = changes
    .filter((change) => change.op !== 'keep')
    .map(({ op, id, fields, flags, sealed, ...rest }) => ({
      op,
      id,
      fields,
      flags: flags.filter((flag) => flag !== 'unproven'),
      ...('live' in rest ? { uid: rest.live.metadata.uid } : {}),
      ...('desired' in rest && op === 'create' && !id.startsWith('v1/Secret/')
        ? { desired: sealed === undefined ? rest.desired : hideSealed(rest.desired, sealed) }
        : {}),
    }))
    .toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return `sha256:${sha256Hex(canonicalJson(work))}`;
}
