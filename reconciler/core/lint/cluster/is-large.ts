import type { Sizing } from '../../../../schemas/weka/sizing.ts';

/** Whether a cluster is so large that some drives are always missing: the bound is the operator's own. */
export function isLarge({
  driveContainers,
  numDrives,
}: Pick<Sizing, 'driveContainers' | 'numDrives'>): boolean {
  return driveContainers > 10 && numDrives > 2;
}
