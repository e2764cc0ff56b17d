import type { Clock, StatusBranch } from '../../ports.ts';
import type { GitConfig } from './git-config.ts';
import { GitStatusBranch } from './status/git-status-branch.ts';
import { localStatusStore } from './status/local-status-store.ts';
import { remoteStatusStore } from './status/remote-status-store.ts';
import { STATUS_REFS } from './status-ref.ts';
import { openCommitSigner, type SigningFiles } from './status/signing/commit-signer.ts';
import { StatusError } from './status/status-errors.ts';
import { parseLocation } from './url.ts';

/** The branch where what happened to `cluster` is written, signed where a key is given. Connects when first used. */
export function openStatusBranch(
  config: GitConfig,
  cluster: string,
  clock: Clock,
  signing?: SigningFiles,
): StatusBranch {
  const ref = statusRef(cluster);
  if (config.ref === ref || `refs/heads/${config.ref}` === ref) {
    const message = `The status of ${cluster} would go to the branch that is watched.`;
    throw new StatusError('STATUS_REFUSED', message, {
      hint: 'Configure another ref as the source of the specs, or another name for the cluster.',
    });
  }
  const location = parseLocation(config.url);
  const store =
    location.kind === 'local' ? localStatusStore(config, location.path, ref) : remoteStatusStore(config, ref);
  return new GitStatusBranch(store, ref, clock, signing && openCommitSigner(signing));
}

/** `refs/heads/weka-gitops/status/CLUSTER`. */
function statusRef(cluster: string): string {
  // What is more than git's own rules leave out are slashes: one cluster's branch must not be in another's way.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(cluster) || cluster.includes('..') || /\.(lock)?$/.test(cluster)) {
    const message = `A cluster named ${JSON.stringify(cluster)} can have no status branch.`;
    throw new StatusError('STATUS_REFUSED', message, {
      hint: 'Its name becomes part of a branch’s name: letters, digits, dots, hyphens; not `..`, not `.lock` at the end.',
    });
  }
  return `${STATUS_REFS}${cluster}`;
}
