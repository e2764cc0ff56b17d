import type { Interruptible } from '../../../ports.ts';
import type { Oid } from '../objects/git-object.ts';
import type { GitObjects } from '../objects/git-objects.ts';
import type { MemoryObjects } from '../objects/memory-objects.ts';
import { StatusError } from './status-errors.ts';

/** Where the status branch lives: behind a server, or in a folder. Every failure is a ReconcilerError. */
export interface StatusStore {
  /** The repository's address as it may be printed. */
  readonly address: string;
  /** The commit at the tip of the branch; undefined where there is no branch. To `write` needs more rights than to `read`. */
  tip(purpose: 'read' | 'write', options?: Interruptible): Promise<Oid | undefined>;
  /** A commit with all it holds, and up to `depth - 1` commits before it. */
  objects(commit: Oid, depth: number, options?: Interruptible): Promise<GitObjects>;
  /** A failure to read them, in the words of a repository where it has any. */
  describe(error: unknown): unknown;
  /** Stores the objects, and moves the branch if it is still where it is expected to be. */
  move(move: Move): Promise<MoveResult>;
}

export interface Move extends Interruptible {
  /** Undefined where the branch is expected not to exist. */
  readonly from: Oid | undefined;
  readonly to: Oid;
  /** What the repository does not have yet, the commit itself among them. */
  readonly oids: readonly Oid[];
  /** Where they are. */
  readonly objects: MemoryObjects;
}

export type MoveResult =
  | { readonly result: 'done' }
  /** Somebody else has moved the branch, or is just about to. */
  | { readonly result: 'contended'; readonly error: StatusError }
  | { readonly result: 'refused'; readonly error: StatusError };

/** The branch whose name keeps `ref` from existing, since git keeps branches as files and folders. */
export function refInTheWay(ref: string, names: Iterable<string>): string | undefined {
  for (const name of names) {
    if (ref.startsWith(`${name}/`) || name.startsWith(`${ref}/`)) return name;
  }
  return undefined;
}

export function inTheWay(ref: string, other: string): StatusError {
  const message = `${describeBranch(ref)} cannot be made, since there is ${describeBranch(other)}.`;
  return new StatusError('STATUS_REFUSED', message, {
    hint: 'Git does not allow one branch’s name to go on from another’s with a slash. Rename or delete that branch.',
  });
}

/** `refs/heads/x` as people say it. */
export function describeBranch(ref: string): string {
  return `the branch ${ref.replace(/^refs\/heads\//, '')}`;
}
