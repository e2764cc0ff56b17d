import * as fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { GitError } from './errors.ts';
import { gitFolder } from './git-folder.ts';
import { OBJECT_TYPES, ObjectError, type GitObject, type Oid } from './git-object.ts';
import { moveRef, readRef, refsAround } from './local-refs.ts';
import { writeLooseObjects } from './loose-objects.ts';
import { StatusError } from './status-errors.ts';
import {
  branch,
  inTheWay,
  refInTheWay,
  type Move,
  type MoveResult,
  type StatusStore,
} from './status-store.ts';

/** The branch `ref` of the repository in a folder of this machine, written in place. */
export function localStatusStore(path: string, ref: string): StatusStore {
  let known: Promise<string> | undefined;
  const folder = () => (known ??= openFolder(path, ref));
  const readTip = async (): Promise<Oid | undefined> => {
    const value = await readRef(await folder(), ref);
    if (value && 'symbolic' in value) {
      throw new StatusError(
        'STATUS_REFUSED',
        `In ${path}, ${branch(ref)} is only another name of ${value.symbolic}.`,
        {
          hint: 'Writing the status would change that branch. Delete the symbolic ref.',
        },
      );
    }
    return value?.oid;
  };

  return {
    address: path,

    tip: (purpose) =>
      translated(path, async () => {
        if (purpose === 'write') {
          const other = refInTheWay(ref, await refsAround(await folder(), ref));
          if (other !== undefined) throw inTheWay(ref, other);
        }
        return readTip();
      }),

    async objects() {
      const gitdir = await folder();
      const cache = {};
      return (oid) => translated(path, () => readObject(gitdir, oid, cache));
    },

    move: ({ from, to, objects }: Move) =>
      translated(path, async (): Promise<MoveResult> => {
        await writeLooseObjects(await folder(), objects);
        const move = await moveRef(await folder(), ref, from, to);
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

async function openFolder(path: string, ref: string): Promise<string> {
  const folder = await gitFolder(path);
  const config = await readFile(join(folder, 'config'), 'utf8').catch(() => '');
  const [, extension] = /^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)\s*$/im.exec(config) ?? [];
  if (extension !== undefined) {
    throw new GitError(
      'REPOSITORY_URL',
      `The repository at ${path} uses ${extension}, which is not supported.`,
      {
        hint: 'Use a repository with the usual SHA-1 names and refs in files.',
      },
    );
  }
  const head = await readFile(join(folder, 'HEAD'), 'utf8').catch(() => '');
  if (head.trim() === `ref: ${ref}`) {
    throw new StatusError('STATUS_REFUSED', `In ${path}, ${branch(ref)} is checked out.`, {
      hint: 'Check out another branch: writing the status would pull the files from under it.',
    });
  }
  return folder;
}

async function readObject(gitdir: string, oid: Oid, cache: object): Promise<GitObject | undefined> {
  try {
    const { type, object } = await git.readObject({ fs, dir: gitdir, gitdir, oid, format: 'content', cache });
    const known = OBJECT_TYPES.find((one) => one === type);
    return known && { oid, type: known, content: Buffer.from(object as Uint8Array) };
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === 'NotFoundError') return undefined;
    if (syscall !== undefined) throw error;
    throw new ObjectError(`the object ${oid} is damaged`, { cause: error });
  }
}

function raced(path: string, ref: string): StatusError {
  return new StatusError('STATUS_RACE', `In ${path}, another writer moved ${ref} first.`);
}

function locked(ref: string, lock: string, since: Date): StatusError {
  return new StatusError('STATUS_LOCKED', `${ref} has been locked since ${since.toISOString()}.`, {
    hint: `If no git command is running on it, one was stopped midway: delete ${lock}.`,
  });
}

/** What the file system refuses, in the words of a repository. */
async function translated<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EACCES':
      case 'EPERM':
      case 'EROFS':
        throw new GitError('REPOSITORY_AUTH', `The status cannot be written to the repository at ${path}.`, {
          hint: 'This user needs the right to write there. Grant it, or set status.enabled: false.',
          cause: error,
        });
      case 'ENOSPC':
      case 'EDQUOT':
        throw new GitError('REPOSITORY_UNREACHABLE', `There is no room left for the status at ${path}.`, {
          hint: 'It is tried again in the next pass.',
          cause: error,
        });
      default:
        throw error;
    }
  }
}
