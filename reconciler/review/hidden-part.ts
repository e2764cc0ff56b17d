import { isSecret } from '../core/report/redact.ts';
import { refersToSecret } from '../core/review/secret-names.ts';
import type { Hidden } from '../core/review/told.ts';
import type { Finding } from '../core/spec/finding.ts';
import type { SourceFile } from '../core/spec/source.ts';
import type { Snapshot } from '../ports.ts';
import { newFindings, type Planned, sameObjects } from './base-and-merge.ts';

/** What both plans were made of. */
export interface MergeSources {
  readonly isFork: boolean;
  readonly snapshots: readonly Snapshot[];
  /** Files that differ between both. */
  readonly files: readonly string[];
}

/** That the files differ, everybody can see; what they make of the cluster is what a fork is not told. */
export function hiddenPart(base: Planned, merge: Planned, { snapshots, files }: MergeSources): Hidden {
  const plain = ({ pass }: Planned) =>
    pass.desired.filter(({ id, sealed }) => isSecret(id) && sealed === undefined);
  const changed = new Set(files);
  const isSealedChange = (file: SourceFile) => {
    if (file.sealed === undefined && file.unopened === undefined) return false;
    const { path, origin } = file;
    if (changed.has(path) || origin === undefined) return changed.has(path);
    return changed.has(origin.file.path) || files.some((each) => each.startsWith(`${origin.builtIn}/`));
  };
  return {
    isChanged:
      !sameObjects(plain(base), plain(merge)) || snapshots.some((each) => each.files.some(isSealedChange)),
    errors: newErrors(base, merge).filter(isAboutSecrets).length,
  };
}

/** Whether a finding is one that forks are not shown. */
function isAboutSecrets({ object, rule, message, hint = '' }: Finding): boolean {
  return isSecret(object) || [rule, message, hint].some(refersToSecret);
}

/** Errors that a merge brings. That nothing is decrypted for a fork is our doing. */
function newErrors(base: Planned, { pass }: Planned): readonly Finding[] {
  return newFindings(base, pass.assessment).filter(
    ({ level, rule }) => level === 'error' && rule !== 'not-decrypted',
  );
}
