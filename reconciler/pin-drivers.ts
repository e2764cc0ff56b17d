import type { Pass, PassConfig } from './assess.ts';
import { isInUse } from './core/desired/in-use-object.ts';
import { type Change, isWrite, unmade } from './core/plan/change.ts';
import { planDigest } from './core/plan/digest.ts';
import { isDriverWork } from './core/plan/driver-objects.ts';
import { writeDriverLock } from './driver-lock.ts';
import { ReconcilerError } from './errors.ts';
import type { Cluster } from './ports.ts';

/** The pass once the packages that it trusts are pinned; where they cannot be, without what rests on that. */
export async function pinned(
  pass: Pass,
  cluster: Cluster,
  set: PassConfig['installation'],
  trouble: ReconcilerError[],
): Promise<Pass> {
  const { assessment, drivers } = pass;
  if (drivers?.lock === undefined) return pass;
  try {
    await writeDriverLock(cluster, set, drivers.lock, drivers.known);
    return pass;
  } catch (error) {
    if (!(error instanceof ReconcilerError)) throw error;
    trouble.push(error);
    const why = `The packages of drivers could not be pinned: ${error.message} (${error.code})`;
    const changes = assessment.changes.map((change): Change =>
      isWrite(change) && restsOnPins(change) ? unmade(change, 'wait', why) : change,
    );
    return { ...pass, assessment: { ...assessment, changes, digest: planDigest(changes) } };
  }
}

/** Whether it tells a node, or a pod, which package to load, or a service which ones to keep. */
function restsOnPins(change: Change): boolean {
  if (change.node !== undefined) return true;
  return 'desired' in change && (isDriverWork(change.desired) || isInUse(change.desired));
}
