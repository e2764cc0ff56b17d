import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { NoModule, readModinfo } from '../drivers/modinfo.ts';
import type { PackageModule } from '../plan/package-module.ts';
import { CompileError } from './errors.ts';

/** What a built module says of itself. */
export type BuiltModule = Pick<PackageModule, 'name' | 'vermagic' | 'architecture' | 'version' | 'isSigned'>;

/** What each of these modules says of itself, read from the file that was built. */
export async function readModules(paths: readonly string[]): Promise<readonly BuiltModule[]> {
  return await Promise.all(paths.map(readModule));
}

export async function readModule(path: string): Promise<BuiltModule> {
  const file = await open(path);
  try {
    return await readModinfo(file);
  } catch (error) {
    if (!(error instanceof NoModule)) throw error;
    throw new CompileError(`The build gave ${basename(path)}, which is no kernel module: ${error.message}.`, {
      hint: 'Look at the Kbuild of the sources and at extraBuildArgs; nothing was published.',
    });
  } finally {
    await file.close();
  }
}
