import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { noteUse, removeUnused } from '../../cluster/remove-unused.ts';
import { Supervisor } from '../../cluster/supervisor.ts';
import { download } from './apt.ts';
import { debianArchitecture } from './architecture.ts';
import type { Sources } from './archives.ts';
import { extract } from './extract.ts';

/** The files here that decide what is in a root; the others only get it there. */
const DECIDING = ['archives.ts', 'extract.ts'];

export interface RootOptions {
  /** What it is for, as progress and errors call it. Of each name only a few versions stay. */
  readonly name: string;
  /** Packages as apt-get takes them: `hello`, `hello=2.10-3`, or a pattern as `?essential`. Dependencies come along. */
  readonly packages: readonly string[];
  readonly sources?: Sources;
  /** Where roots and packages are kept. */
  readonly cache?: string;
  readonly report?: (line: string) => void;
}

/**
 * The folder of a root file system with these Debian packages and all that they depend on, unpacked and not configured: no
 * script of a package has run. It is made the first time, and kept. Nobody may write to it.
 */
export async function debianRoot(options: RootOptions): Promise<string> {
  const { name, cache = debianCache(), report = console.error } = options;
  const folder = join(cache, `${name}-${await contentOf(options)}`);
  if (await noteUse(folder)) return folder;
  await mkdir(cache, { recursive: true });
  await alone(
    folder,
    async () => {
      if (await noteUse(folder)) return;
      // The lock is ours, so whoever left this is gone.
      const unfinished = `${folder}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      try {
        await make({ ...options, cache, report }, unfinished);
        await rename(unfinished, folder);
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
      await removeUnused(cache);
    },
    () => report(`Another process makes the Debian root of ${name}; waiting for it.`),
  );
  return folder;
}

/** Where all that comes from Debian is kept. */
export function debianCache(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(process.env['WEKA_GITOPS_CACHE'] || join(base, 'weka-gitops'), 'debian');
}

async function make(options: Required<Omit<RootOptions, 'sources'>> & RootOptions, folder: string) {
  const { name, packages, sources = 'bookworm', cache, report } = options;
  const started = Date.now();
  const seconds = () => `${Math.round((Date.now() - started) / 1000)} s`;
  report(`Making the Debian root of ${name}; this is done once and takes a minute or more.`);
  // Held by a supervisor, so that nothing downloads or unpacks on when this process is killed.
  const supervisor = await Supervisor.start();
  try {
    const debs = await download({ packages, sources, cache, supervisor, name, report });
    await extract({ debs, folder, supervisor, name, report });
    report(`Made the Debian root of ${name}, ${debs.length} packages, in ${seconds()}.`);
  } finally {
    await supervisor.end();
  }
}

/** A hash of all that decides what the root holds, save the day on which it was made. */
async function contentOf({ packages, sources = 'bookworm' }: RootOptions): Promise<string> {
  const asked = [debianArchitecture(), sources, packages.toSorted()];
  const hash = createHash('sha256').update(JSON.stringify(asked));
  for (const file of DECIDING) hash.update(await readFile(join(import.meta.dirname, file)));
  return hash.digest('hex').slice(0, 16);
}
