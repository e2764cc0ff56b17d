import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestConsole } from './console.ts';
import { guestCache } from './kept.ts';

const MOST = 20;

/** Writes what a guest said to a file that stays, and gives its path. Only the newest are kept. */
export async function keepConsole(name: string, console: GuestConsole): Promise<string> {
  const folder = join(guestCache(), 'consoles');
  await mkdir(folder, { recursive: true });
  const when = new Date().toISOString().replaceAll(/[:.]/g, '-');
  const path = join(folder, `${when}-${name}.log`);
  await writeFile(path, console.text);
  for (const old of (await readdir(folder)).toSorted().slice(0, -MOST)) {
    await rm(join(folder, old), { force: true });
  }
  return path;
}
