import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from './place.ts';
import { releaseSpec } from './releases.ts';

/** Where the programs of an installed stand-in are. */
export interface InstalledCli {
  /** Folder for PATH, with `weka`. */
  readonly bin: string;
  /** `opt/weka` below the root. */
  readonly weka: string;
}

/** Puts a `weka` into `root/bin`, which has its files below `root`, and the spec of each version. */
export async function installDriverCli(
  root: string,
  {
    versions,
    seenAs = root,
    programs = import.meta.dirname,
    ...settings
  }: Settings & {
    readonly versions: readonly string[];
    /** Where the program will see `root`. */
    readonly seenAs?: string;
    /** Where it will see this folder. */
    readonly programs?: string;
  },
): Promise<InstalledCli> {
  const [bin, weka] = [join(root, 'bin'), join(root, 'opt/weka')];
  for (const folder of [
    bin,
    join(weka, 'dist/release'),
    join(weka, 'dist/drivers'),
    join(weka, 'stand-in'),
  ]) {
    await mkdir(folder, { recursive: true });
  }
  const program = join(programs, 'weka.ts');
  // In a container there is another Node.
  const lines = [
    '#!/bin/sh',
    `export WEKA_STAND_IN_ROOT='${seenAs}'`,
    `node='${process.execPath}'`,
    '[ -x "$node" ] || node=node',
    `exec "$node" '${program}' "$@"`,
  ];
  await writeFile(join(bin, 'weka'), `${lines.join('\n')}\n`);
  await chmod(join(bin, 'weka'), 0o755);
  for (const version of versions) {
    await writeFile(
      join(weka, 'dist/release', `${version}.spec`),
      `${JSON.stringify(releaseSpec(version), null, 2)}\n`,
    );
  }
  await writeFile(join(weka, 'stand-in/settings.json'), JSON.stringify(settings));
  return { bin, weka };
}
