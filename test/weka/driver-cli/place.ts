import { readFile } from 'node:fs/promises';
import { machine, release } from 'node:os';
import { join } from 'node:path';

/** A command that the stand-in answers with a failure, or late. */
export interface Fault {
  /** First words of the command, as `["driver", "pack"]`. */
  readonly command: readonly string[];
  readonly stderr?: string;
  /** 0 where unset: the command is only late. */
  readonly rc?: number;
  /** How many of these commands it strikes, from the first on; all where unset. */
  readonly times?: number;
  readonly delayMs?: number;
}

/** What a test tells the stand-in: `opt/weka/stand-in/settings.json` below its root. */
export interface Settings {
  /** Folder with sources of kernel modules, which `driver pack` builds. */
  readonly sources?: string;
  /** What `uname -r` would print, where it is to be another. */
  readonly kernel?: string;
  /** Kernel that `driver pack` packs for, where it is to be another than the one that it tells. */
  readonly packsFor?: string;
  /** Kernel whose headers `driver pack` builds with, where these are to be of another one than it packs for. */
  readonly buildsFor?: string;
  readonly faults?: readonly Fault[];
}

/** Where the stand-in has its files, and what it was told. */
export interface Place {
  readonly root: string;
  /** `opt/weka/dist`: what it has of versions and drivers. */
  readonly dist: string;
  /** Its journal: one command a line. */
  readonly journal: string;
  readonly settings: Settings;
  readonly kernel: string;
  readonly architecture: string;
}

/** Below `WEKA_STAND_IN_ROOT`, which is the root of the system where unset. */
export async function openPlace(env: NodeJS.ProcessEnv): Promise<Place> {
  const root = env['WEKA_STAND_IN_ROOT'] ?? '/';
  const own = join(root, 'opt/weka/stand-in');
  const settings = JSON.parse(
    await readFile(join(own, 'settings.json'), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
      throw error;
    }),
  ) as Settings;
  return {
    root,
    dist: join(root, 'opt/weka/dist'),
    journal: join(own, 'journal'),
    settings,
    kernel: settings.kernel ?? release(),
    architecture: machine(),
  };
}
