import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GitError } from '../errors.ts';
import { fileErrorCode } from '../file-error.ts';
import { limitsOf, type GitConfig } from '../git-config.ts';
import { gitFolder } from '../local/git-folder.ts';
import { localObjects } from '../local/local-objects.ts';
import { branches, moveRef, readRef } from '../local/local-refs.ts';
import { writeLooseObject } from '../local/loose-object.ts';
import type { Oid } from '../objects/git-object.ts';
import { StatusError } from './status-errors.ts';
import {
  describeBranch,
  inTheWay,
  refInTheWay,
  type Move,
  type MoveResult,
  type StatusStore,
} from './status-store.ts';

/** The branch `ref` of the repository in a folder of this machine, written in place. */
export function localStatusStore(config: GitConfig, path: string, ref: string): StatusStore {
  const folder = () => openFolder(path, ref);
  const readTip = async (): Promise<Oid | undefined> => {
    const value = await readRef(await folder(), ref);
    if (value && 'symbolic' in value) {
      const message = `In ${path}, ${describeBranch(ref)} is only another name of ${value.symbolic}.`;
      throw new StatusError('STATUS_REFUSED', message, {
        hint: 'Writing the status would change that branch. Delete the symbolic ref.',
      });
    }
    return value?.oid;
  };

  return {
    address: path,

    tip: (purpose) =>
      translated(path, async () => {
        if (purpose === 'write') {
          const other = refInTheWay(ref, await branches(await folder()));
          if (other !== undefined) throw inTheWay(ref, other);
        }
        return readTip();
      }),

    objects: async () => localObjects(await folder(), limitsOf(config)),

    describe: (error) => describeFileFailure(path, error),

    move: ({ from, to, oids, objects }: Move) =>
      translated(path, async (): Promise<MoveResult> => {
        const into = await folder();
        for (const oid of oids) await writeLooseObject(into, oid, objects.loose(oid));
        const move = await moveRef(into, ref, from, to);
        switch (move.result) {
          case 'done':
            return move;
          case 'moved':
            return { result: 'contended', error: raced(path, ref) };
          case 'locked':
            return { result: 'contended', error: locked(ref, move.lock, move.since) };
        }
      }),
  };
}

/** The folder of the repository. Its HEAD may change at any time, so it is looked at anew for each move. */
async function openFolder(path: string, ref: string): Promise<string> {
  const folder = await gitFolder(path);
  const head = await readFile(join(folder, 'HEAD'), 'utf8').catch(() => '');
  if (head.trim() === `ref: ${ref}`) {
    throw new StatusError('STATUS_REFUSED', `In ${path}, ${describeBranch(ref)} is checked out.`, {
      hint: 'Check out another branch: writing the status would pull the files from under it.',
    });
  }
  return folder;
}

function raced(path: string, ref: string): StatusError {
  return new StatusError('STATUS_RACE', `In ${path}, another writer moved ${ref} first.`);
}

function locked(ref: string, lock: string, since: Date): StatusError {
  return new StatusError('STATUS_LOCKED', `${ref} has been locked since ${since.toISOString()}.`, {
    hint: `If no git command is running on it, one was stopped midway: delete ${lock}.`,
  });
}

async function translated<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw describeFileFailure(path, error);
  }
}

/** What the file system refuses, in the words of a repository. */
function describeFileFailure(path: string, error: unknown): unknown {
  switch (fileErrorCode(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new GitError('REPOSITORY_AUTH', `The status cannot be written to the repository at ${path}.`, {
        hint: 'This user needs the right to write there. Grant it, or set status.enabled: false.',
        cause: error,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new GitError('REPOSITORY_UNREACHABLE', `There is no room left for the status at ${path}.`, {
        hint: 'It is tried again in the next pass.',
        cause: error,
      });
    default:
      return error;
  }
}
