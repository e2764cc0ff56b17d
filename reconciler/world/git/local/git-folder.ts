import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GitError } from '../errors.ts';

/** The folder with the refs and objects of the local repository at `path`, which may be bare or have a working tree. */
export async function gitFolder(path: string): Promise<string> {
  for (const candidate of [path, await dotGit(path)]) {
    if (candidate === undefined || !(await exists(join(candidate, 'HEAD')))) continue;
    // A further working tree keeps all but its own HEAD in the folder of the first.
    const common = await read(join(candidate, 'commondir'));
    const folder = common === undefined ? candidate : resolve(candidate, common.trim());
    await refuseUnknownFormat(path, folder);
    return folder;
  }
  throw new GitError('REPOSITORY_NOT_FOUND', `There is no git repository at ${path}.`, {
    hint: 'Give the folder of a repository, or the address of one on a server.',
  });
}

/** Objects that are not named by SHA-1, and refs that are not in files of their own, would look damaged. */
async function refuseUnknownFormat(path: string, folder: string): Promise<void> {
  const config = (await read(join(folder, 'config'))) ?? '';
  const [, extension] = /^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)\s*$/im.exec(config) ?? [];
  if (extension === undefined) return;
  const message = `The repository at ${path} uses ${extension}, which is not supported.`;
  throw new GitError('REPOSITORY_URL', message, {
    hint: 'Use a repository with the usual SHA-1 names and refs in files.',
  });
}

/** `.git`, which may be a file that says where the folder is. */
async function dotGit(path: string): Promise<string | undefined> {
  const entry = join(path, '.git');
  const text = await read(entry);
  if (text === undefined) return (await exists(entry)) ? entry : undefined;
  const target = /^gitdir: (.+)$/m.exec(text)?.[1];
  return target === undefined ? undefined : resolve(path, target);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
