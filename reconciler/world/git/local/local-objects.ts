import type { Limits } from '../limits.ts';
import { GitObjects } from '../objects/git-objects.ts';
import { FiledObjects } from '../objects/object-files.ts';

/** The objects of a repository on this machine, in packs and in files of their own. */
export function localObjects(gitFolder: string, limits: Limits): GitObjects {
  return new GitObjects(new FiledObjects(gitFolder, { mostBytes: limits.packBytes }), limits);
}
