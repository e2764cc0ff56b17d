import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { alone } from './lock.ts';
import { noteUse, removeForgotten, removeUnused } from './remove-unused.ts';
import { scratchFolder } from './scratch.ts';
import { until } from './until.ts';

const HOUR = 3_600_000;
const later = (hours: number) => Date.now() + hours * HOUR;
const version = (name: string, of: number) => `${name}-${String(of).repeat(16)}`;

/** A folder of things that were used in this order. */
async function cache(...names: readonly string[]): Promise<string> {
  const folder = await scratchFolder();
  let before = 0;
  for (const name of names) {
    await mkdir(join(folder, name, 'part'), { recursive: true });
    before = await usedAfter(before, join(folder, name));
  }
  return folder;
}

/** The clock of a file system may tick seldom. */
async function usedAfter(before: number, path: string): Promise<number> {
  return await until('its use is noted as later', async () => {
    await noteUse(path);
    const { ctimeMs } = await stat(path);
    return ctimeMs > before && ctimeMs;
  });
}

describe('a cache', () => {
  const roots = [1, 2, 3, 4, 5].map((of) => version('root', of));

  it('keeps of each name what was used last, and all other names', async () => {
    const folder = await cache(...roots, version('root-6.1', 1), 'lists');
    await usedAfter((await stat(join(folder, 'lists'))).ctimeMs, join(folder, version('root', 1)));
    await removeUnused(folder, { now: later(3) });
    expect(await readdir(folder)).toEqual(
      ['lists', version('root-6.1', 1), ...[1, 4, 5].map((of) => version('root', of))].toSorted(),
    );
    await removeUnused(folder, { versions: 1, now: later(3) });
    expect(await readdir(folder)).toEqual(['lists', version('root-6.1', 1), version('root', 1)].toSorted());
  });

  it('keeps what somebody may still use', async () => {
    const folder = await cache(...roots);
    await removeUnused(folder, { now: later(1) });
    expect(await readdir(folder)).toEqual(roots);
  });

  it('keeps nothing that was not used for a month', async () => {
    const folder = await cache(version('root', 1));
    await writeFile(join(folder, 'hello.deb'), '');
    await writeFile(join(folder, 'lock'), '');
    await removeForgotten(folder, '.deb', later(24));
    await removeUnused(folder, { now: later(24) });
    expect(await readdir(folder)).toEqual(['hello.deb', 'lock', version('root', 1)]);
    await removeForgotten(folder, '.deb', later(31 * 24));
    await removeUnused(folder, { now: later(31 * 24) });
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('loses what a killed process left unfinished, and not what another makes', async () => {
    const [gone, made] = [`${version('root', 1)}.unfinished`, `${version('root', 2)}.unfinished`];
    const folder = await cache(gone, made, version('root', 3));
    await alone(join(folder, version('root', 2)), async () => await removeUnused(folder));
    expect(await readdir(folder)).toEqual([made, version('root', 3)]);
  });

  it('says whether there is what is asked for', async () => {
    const folder = await cache(version('root', 1));
    expect(await noteUse(join(folder, version('root', 1)))).toBe(true);
    expect(await noteUse(join(folder, version('root', 2)))).toBe(false);
  });
});
