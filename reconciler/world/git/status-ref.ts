import { GitError } from './errors.ts';
import type { Oid } from './objects/git-object.ts';

/** Below it are the status branches of all clusters. */
export const STATUS_REFS = 'refs/heads/weka-gitops/status/';

/**
 * Refuses a full ref that we write ourselves as the one that is watched: each status that is written would be a change
 * that is applied, and told in another status.
 */
export function mustNotBeStatus(ref: string, shown: string): void {
  if (!ref.startsWith(STATUS_REFS)) return;
  throw watched(`${ref.slice('refs/heads/'.length)} of ${shown}`);
}

/** The same of HEAD, which stands for whatever branch its repository's owner chose. */
export function headMustNotBeStatus(refs: ReadonlyMap<string, Oid>, shown: string): void {
  const head = refs.get('HEAD');
  for (const [ref, oid] of refs)
    if (oid === head && ref.startsWith(STATUS_REFS)) throw watched(`HEAD of ${shown}`);
}

function watched(what: string): GitError {
  return new GitError('REF_IS_STATUS', `${what} is a branch that the status is written to.`, {
    hint: 'Set repository.ref to the branch that holds the manifests.',
  });
}
