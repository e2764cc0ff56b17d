import { ObjectError, type Oid } from './git-object.ts';

/** Where a commit stands, without what it says of itself. */
export interface CommitLinks {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** When it was made a commit of where it stands, which a rebase does change. In seconds; 0 where it does not say. */
  readonly committed: number;
}

/** Reads the first lines of a commit, which is all that whoever walks a history needs of thousands of them. */
export function parseLinks(content: Buffer): CommitLinks {
  const end = content.indexOf('\n\n');
  const head = content.toString('latin1', 0, end === -1 ? content.length : end);
  const tree = /^tree ([0-9a-f]{40})(?=\n|$)/.exec(head)?.[1];
  if (tree === undefined) throw new ObjectError('A commit does not say which tree it has.');
  const parents: Oid[] = [];
  let at = 'tree '.length + tree.length + 1;
  for (; head.startsWith('parent ', at); at += 'parent '.length + 41) {
    parents.push(head.slice(at + 'parent '.length, at + 'parent '.length + 40) as Oid);
  }
  const committed = /^committer .* (\d{1,12}) [+-]?\d+$/m.exec(head.slice(at))?.[1];
  return { tree: tree as Oid, parents, committed: Number(committed ?? 0) };
}
