import { access, constants, stat } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join } from 'node:path';

/** Where kustomize may be, given by the process's configuration. */
export interface KustomizePlaces {
  /** The program itself, kustomize or kubectl. */
  readonly program?: string;
  /** Folders to look for it, as in PATH. */
  readonly searchPath: string;
}

/** A program that builds kustomizations, and the arguments that come before the folder. */
export interface KustomizeProgram {
  readonly file: string;
  readonly args: readonly string[];
}

/** The configured program; otherwise the first kustomize on the path, or the first kubectl, which has one in it. */
export async function findKustomize({
  program,
  searchPath,
}: KustomizePlaces): Promise<KustomizeProgram | undefined> {
  if (program !== undefined) {
    const kind = basename(program).startsWith('kubectl') ? 'kubectl' : 'kustomize';
    return (await isProgram(program)) ? asProgram(program, kind) : undefined;
  }
  const folders = searchPath.split(delimiter).filter(isAbsolute);
  for (const kind of ['kustomize', 'kubectl'] as const) {
    for (const folder of folders) {
      const file = join(folder, kind);
      if (await isProgram(file)) return asProgram(file, kind);
    }
  }
  return undefined;
}

function asProgram(file: string, kind: 'kustomize' | 'kubectl'): KustomizeProgram {
  return { file, args: [kind === 'kubectl' ? 'kustomize' : 'build'] };
}

async function isProgram(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) return false;
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
