import type { DesiredObject } from './core/desired/desired.ts';
import type { StorageSeen } from './core/plan/risk/deed.ts';
import { claimsByClass } from './core/plan/risk/host-volumes.ts';
import { gapAround } from './core/plan/unread.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster, Interruptible, Live } from './ports.ts';

/**
 * The volumes that are there, asked for only where something is new that may be bound to one of them: a claim that names a
 * class alone gets whatever is free of it.
 */
export async function askVolumes(
  desired: readonly DesiredObject[],
  live: Live,
  cluster: Pick<Cluster, 'storageFacts'>,
  { signal }: Interruptible = {},
): Promise<StorageSeen | undefined> {
  const isOpen = desired.some(
    ({ id, object }) =>
      claimsByClass(object, live.objects.get(id)).length > 0 &&
      // What could not be listed may well be there.
      gapAround(object, live.unread) === undefined,
  );
  if (!isOpen) return undefined;
  try {
    const { volumes, classes } = await cluster.storageFacts({ signal });
    const asked = desired.map(({ object }) => object).filter(({ kind }) => kind === 'StorageClass');
    return { volumes, classes: [...classes, ...asked] };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ReconcilerError)) throw error;
    return { why: `${error.message.replace(/\.$/, '')} (${error.code})` };
  }
}
