import type { MergeHead } from '../../../forge-port.ts';
import { GitError } from '../errors.ts';
import { describeCount } from '../limits.ts';
import type { Oid } from '../objects/git-object.ts';
import type { Merging } from './merge-store.ts';

/** The commit of a pull request cannot be had. `now` is where its ref is by now. */
export function headGone(shown: string, { commit, ref }: MergeHead, now?: Oid): GitError {
  const since = now === undefined ? `, and no ${ref}` : `: ${ref} is at ${now} by now`;
  return new GitError('HEAD_NOT_FOUND', `${shown} has no commit ${commit} any more${since}.`, {
    hint:
      now === undefined
        ? 'The pull request was closed or its branch deleted; nothing is planned for it.'
        : 'Somebody pushed to the pull request in the meantime; its new commit is planned next.',
  });
}

export function unrelated(shown: string, { base, head }: Merging): GitError {
  const message = `Commit ${head.commit} has no commit in common with ${base}, which ${shown} has now.`;
  return new GitError('UNRELATED_HISTORIES', message, {
    hint: 'Make the branch of the pull request anew from the one that it shall go to.',
  });
}

/** A pull request that is more than is looked at; `limit` is how much that is, as `100,000 files`. */
export function mergeTooLarge(what: string, limit?: string): GitError {
  const most = limit === undefined ? '' : `; at most ${limit} are looked at`;
  return new GitError('MERGE_TOO_LARGE', `${what}${most}.`, {
    hint: 'Split the pull request into several ones, or merge its base branch into it first.',
  });
}

/** Nobody knows yet where two histories meet, and no more of them is fetched. */
export function tooFarBack({ base, head }: Merging, most: number): GitError {
  const among = `among the last ${describeCount(most)} commits`;
  const message = `It is not clear ${among} where the histories of ${head.commit} and ${base} meet.`;
  return new GitError('MERGE_BASE_NOT_FOUND', message, {
    hint: 'Merge the base branch into the one of the pull request, or rebase that onto it.',
  });
}

export function shallowRepository(shown: string): GitError {
  return new GitError('MERGE_BASE_NOT_FOUND', `The repository at ${shown} has not got its whole history.`, {
    hint: `Fetch the rest with git -C ${shown} fetch --unshallow.`,
  });
}
