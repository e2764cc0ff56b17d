import type { Snapshot } from '../../../ports.ts';
import { commitFacts, type CommitSource } from '../history/commits.ts';
import type { Oid } from '../objects/git-object.ts';
import type { Commit, GitObjects } from '../objects/git-objects.ts';
import { GitTree } from '../snapshot/git-tree.ts';
import type { SnapshotReader } from '../snapshot/snapshot-reader.ts';
import { EMPTY } from './commit-places.ts';
import { MergeHistory } from './merge-history.ts';
import type { MergeObjects } from './merge-objects.ts';
import { isFolder } from './raw-folder.ts';

/** What a merge has made, to be read as a commit is. */
export interface Merge {
  readonly base: Snapshot;
  readonly baseTree: Oid | undefined;
  readonly head: Commit;
  readonly tree: Oid | undefined;
  readonly objects: MergeObjects;
  /** The objects, with those that were made. */
  readonly stored: GitObjects;
  /** The objects once more, with those that were made. */
  readonly reopen: () => GitObjects;
  /** Fetches older commits of both sides. */
  readonly deepen: NonNullable<CommitSource['deepen']>;
}

/** The repository as it would be after a merge. What its commit says is what the head's does. */
export async function readMerged(
  reader: SnapshotReader,
  { base, baseTree, head, objects, stored, reopen, deepen, ...merge }: Merge,
  { path, shown }: { readonly path: string; readonly shown: string },
): Promise<Snapshot> {
  const tree = merge.tree ?? objects.add('tree', Buffer.alloc(0));
  const commit = objects.add('commit', mergeCommit(tree, head, base.commit));
  const isSame = await isSameBelow(objects, baseTree ?? EMPTY, tree, path);
  const read = isSame ? base : ((await reader.last(commit)) ?? (await reader.read(stored, commit, reopen)));
  const { sha, author, subject } = commitFacts(head);
  return {
    commit: sha,
    author,
    subject,
    files: read.files,
    findings: read.findings,
    tree: () => new GitTree(reopen(), tree, shown),
    history: () => new MergeHistory({ merge: commit, base: base.history, objects: reopen, deepen }),
  };
}

/** A commit for whoever follows the history: first that of the pull request, then that of the base. */
function mergeCommit(tree: Oid, { oid, date }: Commit, base: string): Buffer {
  const who = `weka-gitops <weka-gitops@localhost> ${Math.max(0, Math.floor(date.getTime() / 1000))} +0000`;
  return Buffer.from(
    `tree ${tree}\nparent ${oid}\nparent ${base}\nauthor ${who}\ncommitter ${who}\n\nMerge\n`,
  );
}

/** Whether all below a path is the same, and there is a folder. */
async function isSameBelow(objects: MergeObjects, before: Oid, after: Oid, path: string): Promise<boolean> {
  let [old, fresh] = [before, after];
  for (const part of path.split('/').filter((each) => each !== '' && each !== '.')) {
    if (old === fresh) return true;
    const name = Buffer.from(part).toString('latin1');
    const [was, is] = [(await objects.folder(old)).get(name), (await objects.folder(fresh)).get(name)];
    if (was === undefined || is === undefined || !isFolder(was) || !isFolder(is)) return false;
    [old, fresh] = [was.oid, is.oid];
  }
  return old === fresh;
}
