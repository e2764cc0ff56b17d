import type { ForgePages } from '../../../forge-port.ts';

/** Pages of a repository, by its address. */
export function giteaPages(repository: string): ForgePages {
  return {
    line: (commit, file, line) => `${repository}/src/commit/${commit}/${encodePath(file)}#L${line}`,
    commit: (commit) => `${repository}/commit/${commit}`,
    branch: (name) => `${repository}/src/branch/${encodePath(name)}`,
    pullRequest: (number) => `${repository}/pulls/${number}`,
  };
}

/** Every part of a path as part of an address. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
