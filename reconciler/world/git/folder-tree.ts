import { lstat, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RepositoryEntry, RepositoryTree } from '../../ports.ts';
import { GitError } from './errors.ts';
import { fileErrorCode } from './file-error.ts';

/** All files below a folder of this machine as they are now. */
export class FolderTree implements RepositoryTree {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async entry(path: string): Promise<RepositoryEntry | undefined> {
    let at = this.#root;
    let kind: RepositoryEntry['kind'] = 'folder';
    for (const part of path.split('/').filter((each) => each !== '' && each !== '.')) {
      if (kind === 'link') return { kind };
      if (kind !== 'folder') return undefined;
      at = join(at, part);
      const found = await lstat(at).catch(() => undefined);
      if (found === undefined) return undefined;
      if (found.isSymbolicLink()) kind = 'link';
      else if (found.isDirectory()) kind = 'folder';
      else kind = found.isFile() ? 'file' : 'other';
    }
    return { kind };
  }

  async read(path: string, most: number): Promise<Uint8Array | number> {
    try {
      await using file = await open(join(this.#root, path), 'r');
      const { size } = await file.stat();
      if (size > most) return size;
      const content = await file.readFile();
      return content.byteLength > most ? content.byteLength : content;
    } catch (error) {
      const code = fileErrorCode(error);
      if (code === undefined) throw error;
      throw new GitError('PATH_NOT_FOUND', `${path} cannot be read (${code}).`, {
        hint: 'It may belong to somebody else, or have been removed just now.',
        cause: error,
      });
    }
  }
}

/** The root of the working tree that holds `folder`, a real path; undefined where it is in none. */
export async function worktreeRoot(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    if ((await lstat(join(at, '.git')).catch(() => undefined)) !== undefined) return at;
    if (dirname(at) === at) return undefined;
  }
}
