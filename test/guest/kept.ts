import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../cluster/lock.ts';
import { noteUse, removeUnused } from '../cluster/remove-unused.ts';

export interface Making {
  /** What it is, as progress calls it. Of each name only a few versions stay. */
  readonly name: string;
  /** All that decides what it is. */
  readonly from: readonly unknown[];
  /** Makes it at the path that is given, as a file or as a folder. */
  readonly make: (path: string) => Promise<void>;
  readonly report?: (line: string) => void;
}

/** The path of something that is made the first time, and kept. Nobody may write to it. */
export async function kept({ name, from, make, report = console.error }: Making): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(from)).digest('hex').slice(0, 16);
  const path = join(guestCache(), `${name}-${hash}`);
  if (await noteUse(path)) return path;
  await mkdir(guestCache(), { recursive: true });
  await alone(
    path,
    async () => {
      if (await noteUse(path)) return;
      // The lock is ours, so whoever left this is gone.
      const unfinished = `${path}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      const started = Date.now();
      try {
        await make(unfinished);
        await rename(unfinished, path);
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
      await removeUnused(guestCache());
      report(`Made the ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s; it is kept.`);
    },
    () => report(`Another process makes the ${name}; waiting for it.`),
  );
  return path;
}

/** Where kernels, images and the consoles of guests that failed are kept. */
export function guestCache(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(process.env['WEKA_GITOPS_CACHE'] || join(base, 'weka-gitops'), 'guest');
}
