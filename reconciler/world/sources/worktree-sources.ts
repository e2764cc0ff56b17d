import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { FolderTree, worktreeRoot } from '../git/folder-tree.ts';
import { readFiles, readWorktree } from '../git/worktree.ts';
import { Kustomize } from '../kustomize/kustomize.ts';
import { type Locate, readSources, type Sources, type SourcesTools } from './read-sources.ts';
import type { SourcesConfig } from './sources-config.ts';

/** What the files below `path` of a working tree become. Other folders of the tree may be included by them. */
export async function readWorktreeSources(
  dir: string,
  path: string,
  config: SourcesConfig,
): Promise<Sources> {
  const read = await readWorktree(dir, path);
  const tree = new FolderTree(dir);
  return readSources(read, async (name) => ({ tree, path: name }), toolsOf(config, 'error'));
}

/**
 * What files and folders that somebody named become. They may include what is in the same working tree, or where there
 * is none, in the same named folder.
 */
export async function readFileSources(paths: readonly string[], config: SourcesConfig): Promise<Sources> {
  const read = await readFiles(paths);
  const named = await Promise.all(paths.map((path) => realpath(path)));
  const locate: Locate = async (name) => {
    const folder = await realpath(resolve(name));
    const [outermost] = named
      .filter((path) => folder === path || folder.startsWith(`${path}${sep}`))
      .toSorted((a, b) => a.length - b.length);
    const worktree = await worktreeRoot(folder);
    const root = worktree ?? outermost ?? folder;
    return {
      tree: new FolderTree(root),
      path: relative(root, folder).split(sep).join('/'),
      bounds: worktree === undefined ? 'named folder' : 'repository',
    };
  };
  // Whoever writes manifests need not hold the keys of the cluster.
  return readSources(read, locate, toolsOf(config, 'warning'));
}

function toolsOf({ kustomize, keys }: SourcesConfig, withoutKey: 'error' | 'warning'): SourcesTools {
  return { kustomize: new Kustomize(kustomize), keys, withoutKey };
}
