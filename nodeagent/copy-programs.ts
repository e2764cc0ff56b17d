import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReconcilerError } from '../reconciler/errors.ts';
import { LIBRARIES, LOADER, NODE, PROGRAM } from '../schemas/drivers/programs.ts';

/** What a bundle is beside its first file. */
const PART = /^part-.*\.mjs$/;

export class NotBundledError extends ReconcilerError {
  readonly code = 'NOT_BUNDLED';
  readonly retry = 'after-change';

  constructor(program: string) {
    super(`${program} is no bundled program, so it cannot be copied.`, {
      hint: 'Use the program of the image; scripts/bundle.ts makes it of the sources.',
    });
  }
}

/**
 * Copies this program, Node, and the libraries that Node was linked with to `folder`: a pod of any image can run it from there, by
 * `programCommand`, whatever C library its image has. `program`: the file that Node was started with.
 */
export async function copyPrograms(folder: string, program = process.argv[1] ?? ''): Promise<void> {
  if (!program.endsWith('.mjs')) throw new NotBundledError(program);
  await mkdir(join(folder, LIBRARIES), { recursive: true });
  const parts = (await readdir(dirname(program))).filter((name) => PART.test(name));
  for (const part of parts) await copy(join(dirname(program), part), join(folder, part), 0o644);
  for (const [name, path] of librariesOf(await readFile('/proc/self/maps', 'utf8'))) {
    await copy(path, join(folder, LIBRARIES, name), 0o755);
  }
  await copy(process.execPath, join(folder, NODE), 0o755);
  await copy(program, join(folder, PROGRAM), 0o644);
}

/** By the names that programs ask for, the libraries that are mapped into a process; the loader by a name that every architecture has. */
export function librariesOf(maps: string): ReadonlyMap<string, string> {
  const paths = [...maps.matchAll(/^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \d+ +(\/.*\.so(?:\.[0-9.]+)?)$/gm)];
  return new Map(
    paths.flatMap(([, path]) => {
      if (path === undefined) return [];
      const name = /^(.*?\.so(?:\.\d+)?)/.exec(basename(path))?.[1];
      if (name === undefined) return [];
      return [[/^ld(-linux[^.]*)?\.so/.test(name) ? basename(LOADER) : name, path] as const];
    }),
  );
}

/** Put there whole, and in place of what an earlier start of the pod left: a program that runs cannot be written to. */
async function copy(from: string, to: string, mode: number): Promise<void> {
  const part = `${to}.part`;
  await copyFile(from, part, constants.COPYFILE_FICLONE);
  await chmod(part, mode);
  await rename(part, to);
}
