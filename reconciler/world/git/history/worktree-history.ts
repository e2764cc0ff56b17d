import { readFile, realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Blame, FileLine, Interruptible } from '../../../ports.ts';
import { GitError } from '../errors.ts';
import { worktreeRoot } from '../folder-tree.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { gitFolder } from '../local/git-folder.ts';
import { localObjects } from '../local/local-objects.ts';
import { readRef } from '../local/local-refs.ts';
import type { Oid } from '../objects/git-object.ts';
import { GitHistory } from './git-history.ts';

/** Blames lines of the files below `folder` as they are now, on the commits below what is checked out. */
export interface WorktreeHistory {
  blame(line: FileLine, options?: Interruptible): Promise<Blame>;
}

/** The history of the working tree that holds `folder`; undefined where it is in none, or nothing is committed yet. */
export async function worktreeHistory(folder: string): Promise<WorktreeHistory | undefined> {
  const here = await realpath(folder);
  const root = await worktreeRoot(here);
  const tip = root === undefined ? undefined : await headOf(root);
  if (root === undefined || tip === undefined) return undefined;
  const objects = await gitFolder(root);
  const history = new GitHistory({ tip, objects: () => localObjects(objects, DEFAULT_LIMITS) });
  return {
    async blame(line, options) {
      const path = resolve(here, line.file);
      const file = relative(root, path).split(sep).join('/');
      const content = await readFile(path).catch(() => undefined);
      if (content === undefined) return { found: 'uncommitted' };
      return await history.blameWritten({ ...line, file }, content, options);
    },
  };
}

/** The commit that is checked out, also where this is a further working tree of a repository. */
async function headOf(root: string): Promise<Oid | undefined> {
  const shared = await gitFolder(root);
  const text = await readFile(join(root, '.git'), 'utf8').catch(() => undefined);
  const own = /^gitdir: (.+)$/m.exec(text ?? '')?.[1];
  let value = await readRef(own === undefined ? shared : resolve(root, own), 'HEAD');
  for (let links = 0; links < 5 && value !== undefined && 'symbolic' in value; links++) {
    value = await readRef(shared, value.symbolic);
  }
  if (value !== undefined && 'symbolic' in value) {
    throw new GitError('REPOSITORY_CORRUPT', `The refs of the repository at ${root} lead in a circle.`, {
      hint: `Look at it with git -C ${root} fsck.`,
    });
  }
  return value?.oid;
}
