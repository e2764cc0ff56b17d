import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file so that after a power cut there is all of it, or what was there before. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = `${path}.new`;
  {
    await using file = await open(partial, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
  }
  await rename(partial, path);
  await syncFolder(folder);
}

/** What was made, renamed or removed in a folder is so after a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
