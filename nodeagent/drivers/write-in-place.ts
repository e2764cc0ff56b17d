import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './durable.ts';

/** So much room a file has at least, and so much it grows by. */
const BLOCK = 16 * 1024;

/**
 * Writes a file so that after a power cut there is all of it, or what was there before; and so that it can be written again where
 * the disk is full: the room of what was there before is kept, beside it, and the next is written there. What is written ends with
 * white space that fills its room.
 */
export async function writeInPlace(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  const [spare, before] = [`${path}.next`, `${path}.before`];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await tidy(path, spare, before);
  await fill(spare, text);
  // Of what is there now the name goes, and its room stays under another.
  const isKept = await link(path, before).then(
    () => true,
    () => false,
  );
  await rename(spare, path);
  if (isKept) await rename(before, spare);
  await syncFolder(folder);
  // The first time there is no room to keep, and a disk that is full already has none to give.
  if (!isKept) await fill(spare, text).catch(async () => await rm(spare, { force: true }));
}

/** What was left by a process that was killed amid it. */
async function tidy(path: string, spare: string, before: string): Promise<void> {
  const kept = await inodeOf(before);
  if (kept === undefined) return;
  // Until the new one has its name, both names are of the same file, which is not to be written to.
  if (kept === (await inodeOf(path))) await rm(before);
  else await rename(before, spare);
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts a text where a file has its room already. */
async function fill(path: string, text: string): Promise<void> {
  await using file = await open(path, 'r+', 0o600).catch(async () => await open(path, 'w', 0o600));
  const { size } = await file.stat();
  const bytes = Buffer.byteLength(text) + 1;
  const room = Math.max(size, Math.ceil(bytes / BLOCK) * BLOCK);
  const filled = Buffer.alloc(room, ' ');
  filled.write(`${text}\n`);
  filled.write('\n', room - 1);
  try {
    // A disk that is nearly full takes a part, and does not call that an error.
    for (let at = 0; at < room;) {
      const { bytesWritten } = await file.write(filled, at, room - at, at);
      if (bytesWritten === 0)
        throw Object.assign(new Error('Nothing more is taken.'), { code: 'ENOSPC', syscall: 'write' });
      at += bytesWritten;
    }
    await file.sync();
  } catch (error) {
    // It had room for so much before, and no part of a larger one takes what the disk has left.
    await file.truncate(size);
    throw error;
  }
}
