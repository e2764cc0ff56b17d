import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { CommitSha } from '../../../../../reconciler/ports.ts';
import { DEFAULT_LIMITS } from '../../../../../reconciler/world/git/limits.ts';
import { CommitPlaces, EMPTY } from '../../../../../reconciler/world/git/merge/commit-places.ts';
import { type CommitMerge, CommitMerger } from '../../../../../reconciler/world/git/merge/merge-commits.ts';
import { MergeObjects } from '../../../../../reconciler/world/git/merge/merge-objects.ts';
import { MergeWork } from '../../../../../reconciler/world/git/merge/merge-work.ts';
import type { GitObject, Oid } from '../../../../../reconciler/world/git/objects/git-object.ts';
import { GitObjects } from '../../../../../reconciler/world/git/objects/git-objects.ts';
import { FiledObjects } from '../../../../../reconciler/world/git/objects/object-files.ts';
import { gitEnvironment } from '../../../../support/git-command.ts';
import type { GitRepository } from '../../../../support/git-repository.ts';

/** What git makes of a merge: a tree, and the files that it could not merge. */
export interface Judgement {
  readonly tree: string;
  readonly isClean: boolean;
  /** It fell over a merge of its own making, as some versions do with some renames, and has said nothing. */
  readonly hasDied: boolean;
  readonly conflicts: readonly string[];
  /** What it says of them. */
  readonly messages: string;
}

/** What a shell says of a program that has aborted itself. */
const ABORTED = '134';
const END = '=== merge-tree ended with';

/** Merges pairs of revisions by git itself, without a working tree. */
export async function judged(
  { path }: GitRepository,
  pairs: readonly (readonly [string, string])[],
): Promise<readonly Judgement[]> {
  const script = `while read one other; do
    git merge-tree --write-tree --name-only -z "$one" "$other"; printf '${END} %d\\n' $?
  done`;
  const child = spawn('sh', ['-c', script], { cwd: path, env: gitEnvironment(path) });
  child.stdin.end(pairs.map((pair) => `${pair.join(' ')}\n`).join(''));
  const [said, wrong] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const answers = [...said.matchAll(new RegExp(`([^]*?)${END} (\\d+)\\n`, 'g'))];
  return pairs.map((pair, index) => {
    const [, printed = '', code] = answers[index] ?? [];
    if (code === ABORTED) return { tree: '', isClean: false, hasDied: true, conflicts: [], messages: '' };
    if (code !== '0' && code !== '1') throw new Error(`git merge-tree ${pair.join(' ')} failed: ${wrong}`);
    const [names = '', messages = ''] = printed.split(/\0\0(.*)/s);
    const [tree = '', ...conflicts] = names.split('\0').filter((each) => each !== '');
    return { tree, isClean: code === '0', hasDied: false, conflicts, messages };
  });
}

/** Merges two commits by ourselves. */
export async function mergedByUs(
  { path }: GitRepository,
  ours: CommitSha,
  theirs: CommitSha,
): Promise<CommitMerge> {
  const made = new Map<Oid, GitObject>();
  const files = new FiledObjects(path, { received: made });
  const work = new MergeWork(DEFAULT_LIMITS);
  const objects = new MergeObjects(new GitObjects(files, DEFAULT_LIMITS), made, work);
  const places = new CommitPlaces(new GitObjects(files, DEFAULT_LIMITS), new Map());
  return await new CommitMerger(objects, places, { most: 10_000, work }).merge(
    ours as string as Oid,
    theirs as string as Oid,
  );
}

export function treeOf(merge: CommitMerge): string {
  if (merge.result !== 'merged') throw new Error(`It is not merged: ${JSON.stringify(merge)}`);
  return merge.tree ?? EMPTY;
}
