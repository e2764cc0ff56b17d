import type { GitConfig } from '../../reconciler/world/git/git-config.ts';
import { openStatusBranch } from '../../reconciler/world/git/status-branch.ts';
import type { Clock, StatusBranch, StatusCommit, StatusFile } from '../../reconciler/ports.ts';

export const STATUS_REF = 'refs/heads/weka-gitops/status/demo';

/** A clock that stands still. */
export const NOON: Clock = { now: () => new Date('2026-11-25T12:00:00Z') };

/** The status branch of the cluster `demo` in the repository at `url`. */
export function statusBranchAt(
  url: string,
  {
    clock = NOON,
    cluster = 'demo',
    ...config
  }: Partial<GitConfig> & { clock?: Clock; cluster?: string } = {},
): StatusBranch {
  return openStatusBranch(
    { url, ref: 'main', path: '', cacheDir: '/nonexistent', ...config },
    cluster,
    clock,
  );
}

/** Adds a file to the history of the branch, and says so in status.json. Says nothing where it is there already. */
export function recording(
  entry: string,
  { keepCommits = 200 }: { keepCommits?: number } = {},
): (tip: readonly StatusFile[]) => StatusCommit | undefined {
  return (tip) => {
    const path = `history/${entry}.json`;
    if (tip.some((file) => file.path === path)) return undefined;
    const kept = tip.filter((file) => file.path !== 'status.json');
    const status = { path: 'status.json', text: `{"last":"${entry}"}\n` };
    const history = { path, text: `{"entry":"${entry}"}\n` };
    return { message: `Record ${entry}`, files: [...kept, status, history], keepCommits };
  };
}

/** A commit with exactly these files. */
export function holding(
  files: Readonly<Record<string, string>>,
  { message = 'Record', keepCommits = 200 }: { message?: string; keepCommits?: number } = {},
): () => StatusCommit {
  return () => ({
    message,
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    keepCommits,
  });
}
