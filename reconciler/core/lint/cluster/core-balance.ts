import type { ClusterSpec } from '../../../../schemas/weka/cluster-spec.ts';
import { sizingOf } from '../../../../schemas/weka/sizing.ts';

/** Cores of all compute and of all drive containers. */
export interface CoreBalance {
  readonly compute: number;
  readonly drive: number;
  /** `6 × 2 = 12`, for each. */
  readonly sums: { readonly compute: string; readonly drive: string };
}

/** Cores of both roles; undefined where a plan for a capacity decides them. */
export function coreBalance(cluster: Pick<ClusterSpec, 'dynamicTemplate'>): CoreBalance | undefined {
  const { clusterCapacity, computeContainers, computeCores, driveContainers, driveCores } = sizingOf(cluster);
  if (clusterCapacity !== undefined) return undefined;
  const compute = computeContainers * computeCores;
  const drive = driveContainers * driveCores;
  return {
    compute,
    drive,
    sums: {
      compute: `${computeContainers} × ${computeCores} = ${compute}`,
      drive: `${driveContainers} × ${driveCores} = ${drive}`,
    },
  };
}
