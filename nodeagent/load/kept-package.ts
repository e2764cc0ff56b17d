import { copyFile, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { DriverPackage } from '../../schemas/drivers/package.ts';
import { driverTargetFields } from '../../schemas/drivers/target.ts';
import { syncFolder, writeDurably } from '../drivers/durable.ts';
import { hashSlowly } from '../drivers/hash-slowly.ts';
import { readNote } from './read-note.ts';

const NOTE = 'kept.json';

const Kept = z.object({
  schemaVersion: z.literal(1),
  package: DriverPackage,
  release: driverTargetFields.version.describe('The version as the vendor’s command has it.'),
});

/** A package that was loaded on this node once, and is there to go back to. */
export interface KeptPackage {
  readonly package: DriverPackage;
  readonly release: string;
  /** What the vendor's command takes for an address of its own: `dist/release` and `dist/drivers` are below. */
  readonly tree: string;
}

/** Where the package is. */
export function keptFile({ tree, package: { file } }: KeptPackage): string {
  return join(tree, 'dist/drivers', file);
}

/** Where the spec of its version is. */
export function keptSpec({ tree, release }: KeptPackage): string {
  return join(tree, 'dist/release', `${release}.spec`);
}

/** The package that was kept; undefined where there is none that can be made out. */
export async function readKept(folder: string): Promise<KeptPackage | undefined> {
  const kept = await readNote(join(folder, NOTE), Kept);
  return kept && { package: kept.package, release: kept.release, tree: join(folder, kept.package.sha256) };
}

/** Whether all its bytes are there, and those that were verified. */
export async function isWhole(kept: KeptPackage): Promise<boolean> {
  return (await hashSlowly(keptFile(kept)).catch(() => '')) === kept.package.sha256;
}

export interface Keeping {
  readonly package: DriverPackage;
  readonly release: string;
  /** Where the package is, and the spec of its version, where there is one. */
  readonly path: string;
  readonly spec: string;
}

/** Keeps a package in place of the one before. A power cut leaves either of the two. */
export async function keepPackage(folder: string, keeping: Keeping): Promise<void> {
  const { package: wanted, release, path, spec } = keeping;
  const kept: KeptPackage = { package: wanted, release, tree: join(folder, wanted.sha256) };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const before = await readKept(folder);
  const isKept =
    before?.package.sha256 === wanted.sha256 && before.release === release && (await isWhole(kept));
  if (!isKept) {
    const coming = { ...kept, tree: `${kept.tree}.new` };
    await rm(coming.tree, { recursive: true, force: true });
    try {
      for (const each of ['dist/drivers', 'dist/release']) {
        await mkdir(join(coming.tree, each), { recursive: true });
      }
      await copyDurably(path, keptFile(coming));
      await copyDurably(spec, keptSpec(coming)).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
      for (const each of ['dist/drivers', 'dist/release', 'dist', '']) {
        await syncFolder(join(coming.tree, each));
      }
      await rm(kept.tree, { recursive: true, force: true });
      await rename(coming.tree, kept.tree);
    } finally {
      // What did not become whole is not to fill the disk of the node.
      await rm(coming.tree, { recursive: true, force: true });
    }
    await writeDurably(
      join(folder, NOTE),
      JSON.stringify({ schemaVersion: 1, package: wanted, release } satisfies z.infer<typeof Kept>),
    );
  }
  const others = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}/.test(name));
  for (const name of others) {
    if (name !== wanted.sha256) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await using file = await open(to);
  await file.sync();
}
