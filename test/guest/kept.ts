import { createHash } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../cluster/lock.ts';

/** How many versions of a thing stay. */
const VERSIONS = 3;

export interface Making {
  /** What it is, as progress calls it. */
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
  if (await exists(path)) {
    const now = new Date();
    await utimes(path, now, now);
    return path;
  }
  await mkdir(guestCache(), { recursive: true });
  await alone(
    path,
    async () => {
      if (await exists(path)) return;
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
      await removeUnused(name);
      report(`Made the ${name} in ${((Date.now() - started) / 1000).toFixed(1)} s; it is kept.`);
    },
    () => report(`Another process makes the ${name}; waiting for it.`),
  );
  return path;
}

/** Of each thing a few versions are left, those that were used last: hundreds of megabytes each. */
async function removeUnused(name: string): Promise<void> {
  const versions = (await readdir(guestCache())).filter(
    (each) => each.startsWith(`${name}-`) && /^[0-9a-f]{16}$/.test(each.slice(name.length + 1)),
  );
  const used = await Promise.all(
    versions.map(async (each) => ({ each, at: (await stat(join(guestCache(), each))).mtimeMs })),
  );
  for (const { each } of used.toSorted((one, other) => other.at - one.at).slice(VERSIONS)) {
    await rm(join(guestCache(), each), { recursive: true, force: true });
  }
}

/** Where kernels, images and the consoles of guests that failed are kept. */
export function guestCache(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(process.env['WEKA_GITOPS_CACHE'] || join(base, 'weka-gitops'), 'guest');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
