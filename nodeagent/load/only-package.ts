import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DriverPackage } from '../../schemas/drivers/package.ts';
import { hashSlowly } from '../drivers/hash-slowly.ts';
import { OtherPackageError } from './errors.ts';

/** Removes from the folder of drivers whatever an image or an attempt before left there, save what has come of the package. */
export async function onlyPackage(folder: string, { file }: DriverPackage): Promise<void> {
  const names = await readdir(folder);
  const ours = new Set([file, `${file}.part`, `${file}.part.json`]);
  for (const name of names) {
    if (!ours.has(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Throws unless the folder has the package and nothing else: the vendor's command takes what it finds there by a name that it makes up
 * itself, so that only this says which bytes it takes.
 */
export async function expectOnlyPackage(folder: string, { file, sha256 }: DriverPackage): Promise<void> {
  const names = await readdir(folder);
  const others = names.filter((name) => name !== file);
  if (others.length > 0) {
    throw new OtherPackageError(
      `Beside the verified ${file} there is ${others.slice(0, 3).join(', ')} in ${folder}, which was not verified.`,
    );
  }
  if (!names.includes(file) || (await hashSlowly(join(folder, file))) !== sha256) {
    throw new OtherPackageError(`What ${folder} has as ${file} is not what was verified.`);
  }
}
