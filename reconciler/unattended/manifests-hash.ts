import { createHash } from 'node:crypto';
import { canonicalJson } from '../core/kube/hash.ts';
import type { Snapshot } from '../ports.ts';

/** The same for commits that ask for the same in the same words. */
export function manifestsHash({ files, findings }: Pick<Snapshot, 'files' | 'findings'>): string {
  const hash = createHash('sha256').update(canonicalJson(findings));
  for (const { path, content, oid } of files) {
    // What is only kept packed need not be unpacked for it.
    hash.update(`\n${path}\n${oid ?? content.length}\n`);
    if (oid === undefined) hash.update(content);
  }
  return hash.digest('hex');
}
