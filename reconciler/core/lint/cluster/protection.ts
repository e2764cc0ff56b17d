import type { ClusterSpec } from '../../../../schemas/weka/cluster-spec.ts';

/** The narrowest and the widest stripe (weka-operator §1.1). */
export const MIN_STRIPE = 3;
export const MAX_STRIPE = 16;

/** Failures that data can be made to survive (weka-operator §1.1). */
export const REDUNDANCY_LEVELS: readonly number[] = [2, 4];

/** Members that a group of leaders or of metadata may have (weka-operator §1.1). */
export const RAFT_SIZES: readonly number[] = [5, 9];

/** Containers of each of both roles without which no cluster is formed (weka-operator §2.1). */
export const MIN_CONTAINERS = 5;

/** Failure domains that a cluster needs, with what they are for. */
export interface ProtectionSum {
  readonly stripe: number;
  readonly redundancy: number;
  readonly hotSpare: number;
  readonly total: number;
}

/**
 * Failure domains for data, for its protection and to spare (weka-operator §2.8: minFdNum). What is unset is taken at its
 * least, 3 + 2, since WEKA fits it to the cluster.
 */
export function protectionSum({
  stripeWidth,
  redundancyLevel,
  hotSpare,
}: Pick<ClusterSpec, 'stripeWidth' | 'redundancyLevel' | 'hotSpare'>): ProtectionSum {
  const stripe = stripeWidth || MIN_STRIPE;
  const redundancy = redundancyLevel || 2;
  return { stripe, redundancy, hotSpare, total: stripe + redundancy + hotSpare };
}

/** Whether the containers join a cluster that exists, in place of forming one. */
export function joins({
  expandEndpoints,
  operatorSecretRef,
}: Pick<ClusterSpec, 'expandEndpoints' | 'operatorSecretRef'>): boolean {
  return (expandEndpoints?.length ?? 0) > 0 || Boolean(operatorSecretRef);
}
