import { readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ifFree } from './lock.ts';

const HOUR = 3_600_000;
/** Whoever asked for something may go on using it for so long. */
const IN_USE_MS = 2 * HOUR;
/** What nobody has asked for in so long is called so no more. */
const FORGOTTEN_MS = 30 * 24 * HOUR;
/** How many versions of a thing stay. */
const VERSIONS = 3;

export interface Rule {
  readonly versions?: number;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** Notes that something that is kept is used; false where it is not there. */
export async function noteUse(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Removes what is of use to nobody from a folder whose entries are called NAME-HASH, and are locked by their path while they are
 * made. Of each name the few that were used last stay, and all that may be in use; what somebody left `.unfinished` goes.
 */
export async function removeUnused(folder: string, rule: Rule = {}): Promise<void> {
  const { versions = VERSIONS, now = Date.now() } = rule;
  const entries = await readdir(folder);
  for (const entry of entries) {
    const made = /^(.*[0-9a-f]{16})\.unfinished$/.exec(entry)?.[1];
    if (made !== undefined) await ifFree(join(folder, made), async () => await remove(join(folder, entry)));
  }

  const byName = Map.groupBy(entries, (entry) => /^(.+)-[0-9a-f]{16}$/.exec(entry)?.[1]);
  byName.delete(undefined);
  for (const versionsThere of byName.values()) {
    const dated = await Promise.all(
      versionsThere.map(async (entry) => ({ path: join(folder, entry), at: await usedAt(entry, folder) })),
    );
    const sorted = dated.toSorted((one, other) => other.at - one.at);
    for (const [index, { path, at }] of sorted.entries()) {
      if (!isUnused(now - at, index < versions)) continue;
      await ifFree(path, async () => {
        // Only whoever holds the lock looks for it by this name.
        const leaving = `${path}.unfinished`;
        await rename(path, leaving).catch(ignoreMissing);
        await remove(leaving);
      });
    }
  }
}

/** Removes the files of a folder that nobody has used for a month. */
export async function removeForgotten(folder: string, suffix: string, now = Date.now()): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(suffix)) continue;
    if (now - (await usedAt(name, folder)) > FORGOTTEN_MS) await remove(join(folder, name));
  }
}

function isUnused(sinceMs: number, isRecent: boolean): boolean {
  return sinceMs > (isRecent ? FORGOTTEN_MS : IN_USE_MS);
}

/** When it came to be there or its use was noted. Its content may have come with an older date, never with this one. */
async function usedAt(entry: string, folder: string): Promise<number> {
  // Whoever removes it at this moment is welcome to.
  return stat(join(folder, entry)).then(
    ({ ctimeMs }) => ctimeMs,
    () => Number.MAX_SAFE_INTEGER,
  );
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
