import { GitError } from '../errors.ts';
import { fileErrorCode } from '../file-error.ts';

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EFBIG: 'a file may not be that large',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'it may not be read or written by this user',
  EPERM: 'it may not be read or written by this user',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
  EMFILE: 'too many files are open',
  EIO: 'the disk does not work',
};

/** A failure of the file system below the clone as a GitError; anything else comes back as it is. */
export function describeCacheFailure(folder: string, error: unknown): unknown {
  const code = fileErrorCode(error);
  if (code === undefined) return error;
  const why = WHY[code] ?? code;
  return new GitError('REPOSITORY_CACHE', `The clone in ${folder} cannot be used: ${why}.`, {
    hint: 'Make room or mend its permissions, or set cacheDir to another folder; it can be deleted at any time.',
    cause: error,
  });
}
