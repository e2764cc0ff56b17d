import type { Change } from './core/plan/change.ts';
import { stopsPods, withPodNames } from './core/plan/risk/pod-names.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible } from './ports.ts';

/**
 * `changes` with the names of the pods that they stop. The cluster is asked only where they stop any; where it does not say,
 * their numbers have to do.
 */
export async function askPods(
  changes: readonly Change[],
  cluster: Pick<Cluster, 'placementFacts'>,
  { signal }: Interruptible = {},
): Promise<readonly Change[]> {
  if (!stopsPods(changes)) return changes;
  try {
    const { pods } = await cluster.placementFacts({ signal });
    return withPodNames(changes, pods);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return changes;
  }
}
