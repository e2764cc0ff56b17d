import { GitError } from './errors.ts';
import type { Oid } from './objects/git-object.ts';
import type { Commit } from './objects/git-objects.ts';
import { isStatusCommit } from './status/status-message.ts';

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

/** Refuses a commit that tells a status, whatever branch somebody brought it to: it asks for nothing. */
export function mustAskForSomething(commit: Commit, shown: string): void {
  if (!isStatusCommit(commit)) return;
  throw new GitError(
    'REF_IS_STATUS',
    `${commit.oid.slice(0, 7)} of ${shown} is a commit that tells a status.`,
    {
      hint: 'Take it off the branch that holds the manifests: status branches are never merged.',
    },
  );
}

function watched(what: string): GitError {
  return new GitError('REF_IS_STATUS', `${what} is a branch that the status is written to.`, {
    hint: 'Set repository.ref to the branch that holds the manifests.',
  });
}
