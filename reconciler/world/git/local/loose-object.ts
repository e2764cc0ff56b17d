import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Oid } from '../objects/git-object.ts';
import { loosePath } from '../objects/object-files.ts';

/** Stores a compressed object in a file of its own. A crash leaves none that is there in part, as the library's way could. */
export async function writeLooseObject(folder: string, oid: Oid, bytes: Uint8Array): Promise<void> {
  const path = join(folder, 'objects', loosePath(oid));
  if (await stat(path).catch(() => undefined)) return;
  await mkdir(dirname(path), { recursive: true });
  // Git removes what is left of such a name after a while.
  const part = join(dirname(path), `tmp_obj_${randomBytes(8).toString('hex')}`);
  try {
    await writeDurably(part, bytes, 0o444);
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
