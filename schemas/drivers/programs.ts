/** Where pods of other images have our programs: an init container of our image copies them to a volume there. */
export const PROGRAMS_FOLDER = '/weka-gitops';

/** What `weka-nodeagent copy-programs` makes in its folder. */
export const NODE = 'node';
export const PROGRAM = 'nodeagent.mjs';
export const LIBRARIES = 'lib';
export const LOADER = `${LIBRARIES}/ld.so`;

/** The command of the init container, whose image is ours. `folder`: where it has the volume. */
export function copyProgramsCommand(folder: string): readonly string[] {
  return ['weka-nodeagent', 'copy-programs', folder];
}

/**
 * The command of a container of any image that has our programs in PROGRAMS_FOLDER. Node is started by the loader that came with
 * it, so that nothing of it depends on the image's C library, and nothing in the environment leads others to ours.
 */
export function programCommand(...args: readonly string[]): readonly string[] {
  const at = (path: string) => `${PROGRAMS_FOLDER}/${path}`;
  return [at(LOADER), '--library-path', at(LIBRARIES), at(NODE), at(PROGRAM), ...args];
}
