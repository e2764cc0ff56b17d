import type { Duty } from './duty.ts';

/** Where people find how the cluster does: as configured, else the page of the status branch on the forge. */
export function statusAddress({
  statusUrl,
  forge,
  statusBranch,
}: Pick<Duty, 'statusUrl' | 'forge' | 'statusBranch'>): string | undefined {
  return statusUrl ?? (statusBranch && forge?.pages.branch(statusBranch.ref.replace(/^refs\/heads\//, '')));
}
