import { GitError } from '../errors.ts';
import { describeCount } from '../limits.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import type { Commit, GitObjects } from '../objects/git-objects.ts';

export interface Walk {
  readonly found: boolean;
  /** Commits that are here while a parent of theirs is not. */
  readonly boundary: readonly Oid[];
  /** Whether it ended because there were too many commits. */
  readonly exhausted: boolean;
}

/** Looks for `wanted` among the ancestors of `from`, which are here, as far as those are too and at most `limit` of them. */
export async function walkHistory(
  objects: GitObjects,
  from: readonly Oid[],
  wanted: Oid | undefined,
  limit: number,
): Promise<Walk> {
  const boundary = new Set<Oid>();
  const seen = new Map<Oid, readonly Oid[]>();
  // Throws where one is missing: silence would make a clone that is damaged look like a history that was rewritten.
  for (const oid of from) seen.set(oid, (await readCommit(objects, oid)).parents);
  for (const [oid, parents] of seen) {
    if (oid === wanted) return { found: true, boundary: [], exhausted: false };
    if (seen.size > limit) return { found: false, boundary: [...boundary], exhausted: true };
    for (const parent of parents) {
      if (parent === wanted) return { found: true, boundary: [], exhausted: false };
      if (seen.has(parent)) continue;
      const commit = await objects.links(parent);
      if (commit === undefined) boundary.add(oid);
      else seen.set(parent, commit.parents);
    }
  }
  return { found: false, boundary: [...boundary], exhausted: false };
}

/** A commit that has to be here. */
export async function readCommit(objects: GitObjects, oid: Oid): Promise<Commit> {
  const commit = await objects.commit(oid);
  if (commit === undefined) throw new ObjectError(`Object ${oid} is missing.`);
  return commit;
}

/** The commit that was applied last is not an ancestor of the tip, as far as was looked. */
export function historyRewritten(shown: string, tip: Oid, lastApplied: string, searched?: number): GitError {
  const where =
    searched === undefined ? 'in the history' : `among the last ${describeCount(searched)} commits`;
  const message = `Commit ${lastApplied}, which was applied last, is not ${where} of ${tip}, which ${shown} has now.`;
  return new GitError('HISTORY_REWRITTEN', message, {
    hint: `Somebody rewrote the branch, or it is another repository. If that is intended: --accept-rewritten-history ${tip}`,
  });
}
