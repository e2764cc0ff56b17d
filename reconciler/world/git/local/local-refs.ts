import fs from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GitError } from '../errors.ts';
import { fileErrorCode, isGone } from '../file-error.ts';
import type { Oid } from '../objects/git-object.ts';
import { loadLibrary } from '../objects/library.ts';

/** What a ref of a local repository holds: a commit, the name of another ref, or nothing. */
export type RefValue = { readonly oid: Oid } | { readonly symbolic: string } | undefined;

/** The value of `ref`, from its own file or from the file of packed ones. */
export async function readRef(folder: string, ref: string): Promise<RefValue> {
  const text = await readIfFile(join(folder, ref));
  if (text === undefined) {
    const oid = (await packedRefs(folder)).get(ref);
    return oid && { oid };
  }
  const symbolic = /^ref: (.+)/.exec(text)?.[1]?.trim();
  if (symbolic !== undefined) return { symbolic };
  const oid = /^[0-9a-f]{40}(?=\s|$)/.exec(text)?.[0];
  if (oid === undefined) {
    throw new GitError('REPOSITORY_CORRUPT', `${join(folder, ref)} does not hold the name of a commit.`, {
      hint: 'A crash may have damaged it: `git fsck` tells more. Delete the file to begin the branch anew.',
    });
  }
  return { oid: oid as Oid };
}

/** All branches and then all tags, as a person would write them. */
export async function branchesAndTags(folder: string): Promise<string[]> {
  const { listBranches, listTags } = await loadLibrary();
  return [...(await listBranches({ fs, gitdir: folder })), ...(await listTags({ fs, gitdir: folder }))];
}

/** The full names of all branches. */
export async function branches(folder: string): Promise<string[]> {
  const { listBranches } = await loadLibrary();
  return (await listBranches({ fs, gitdir: folder })).map((name) => `refs/heads/${name}`);
}

export type RefMove =
  | { readonly result: 'done' }
  | { readonly result: 'moved' }
  /** Another program is writing this ref, or ended without giving its lock up. */
  | { readonly result: 'locked'; readonly lock: string; readonly since: Date };

/**
 * Moves `ref` from one commit to another as git itself does: the lock file is made, the old value compared while it is
 * held, and the lock renamed to the ref.
 */
export async function moveRef(folder: string, ref: string, from: Oid | undefined, to: Oid): Promise<RefMove> {
  const path = join(folder, ref);
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  let file;
  try {
    file = await open(lock, 'wx');
  } catch (error) {
    // Where git has just tidied the empty folder away, the next try makes it again.
    if (fileErrorCode(error) === 'ENOENT') return { result: 'moved' };
    if (fileErrorCode(error) !== 'EEXIST') throw error;
    const since = (await stat(lock).catch(() => undefined))?.mtime;
    return since === undefined ? { result: 'moved' } : { result: 'locked', lock, since };
  }
  try {
    const value = await readRef(folder, ref);
    if ((value && 'oid' in value ? value.oid : undefined) !== from || (value && 'symbolic' in value)) {
      await file.close();
      await rm(lock, { force: true });
      return { result: 'moved' };
    }
    await file.writeFile(`${to}\n`);
    await file.sync();
    await file.close();
    if ((await kindOf(path)) === 'folder') await removeEmptyFolders(path);
    await rename(lock, path);
    return { result: 'done' };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(lock, { force: true });
    throw error;
  }
}

async function packedRefs(folder: string): Promise<Map<string, Oid>> {
  const text = (await readIfFile(join(folder, 'packed-refs'))) ?? '';
  const rows = text.matchAll(/^(?<oid>[0-9a-f]{40}) (?<name>refs\/.+)$/gm);
  return new Map(Array.from(rows, ({ groups }) => [groups!['name']!, groups!['oid'] as Oid]));
}

async function readIfFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isGone(error) || fileErrorCode(error) === 'EISDIR') return undefined;
    throw error;
  }
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

/** Git leaves the folders of deleted branches behind. Fails on a folder that holds a file. */
async function removeEmptyFolders(path: string): Promise<void> {
  for (const entry of await readdir(path)) await removeEmptyFolders(join(path, entry));
  await rmdir(path);
}
