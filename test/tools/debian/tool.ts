import { join } from 'node:path';
import { loaderAndLibraries } from './architecture.ts';

/** How to start a program. */
export interface Tool {
  readonly file: string;
  /** Before the program's own arguments. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * How to start a program of a Debian root on this machine, whatever this machine has of its own: by the root's loader, with
 * the root's libraries. Paths that are built into the program still mean this machine's; QEMU finds its firmware by `-L`.
 */
export function toolOf(root: string, path: string): Tool {
  const { loader, libraries } = loaderAndLibraries();
  const found = libraries.map((folder) => join(root, folder)).join(':');
  return {
    file: join(root, loader),
    args: ['--library-path', found, '--argv0', path, join(root, path)],
    env: process.env,
  };
}
