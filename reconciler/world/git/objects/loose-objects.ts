import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { objectHeader, type GitObject } from './git-object.ts';

/** Stores objects in a local repository, one file each. A crash leaves no object that is there in part. */
export async function writeLooseObjects(folder: string, objects: readonly GitObject[]): Promise<void> {
  for (const object of objects) await writeLooseObject(folder, object);
}

async function writeLooseObject(folder: string, { oid, type, content }: GitObject): Promise<void> {
  const path = join(folder, 'objects', oid.slice(0, 2), oid.slice(2));
  if (await stat(path).catch(() => undefined)) return;
  await mkdir(dirname(path), { recursive: true });
  // Git removes what is left of such a name after a while.
  const part = join(dirname(path), `tmp_obj_${randomBytes(8).toString('hex')}`);
  try {
    await writeDurably(part, deflateSync(Buffer.concat([objectHeader(type, content), content])), 0o444);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes a file that must not exist, and returns when it is on the disk. */
async function writeDurably(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
