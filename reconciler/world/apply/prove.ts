import { type Change, isWrite, type Write } from '../../core/plan/change.ts';
import { withHolds } from '../../core/plan/hold.ts';
import type { Mark } from '../../core/plan/mark.ts';
import { isBeyondProof, missingBefore, proven, trial, unproven } from '../../core/plan/proof.ts';
import type { Cluster } from '../../ports.ts';
import { bounded } from './bounded.ts';
import { pruneObstacle } from './prune-obstacle.ts';

/** Dry runs under way at the same time. */
const CONCURRENCY = 16;

export interface ProveOptions {
  readonly concurrency?: number;
  readonly mark?: Mark | undefined;
  /** Whether another account carries the plan out, whose rights are more than those that it is tried with. */
  readonly onBehalf?: boolean | undefined;
}

/**
 * The plan after the API server has tried each write without making it. What it would not take is refused, what it finds
 * to be there already is kept, and what cannot be tried yet is marked as unproven. Throws where the server cannot be
 * asked.
 */
export async function prove(
  changes: readonly Change[],
  cluster: Cluster,
  { concurrency = CONCURRENCY, mark, onBehalf = false }: ProveOptions = {},
): Promise<readonly Change[]> {
  const missing = missingBefore(changes);
  const proveWrite = async (write: Write): Promise<Change> => {
    if (write.op === 'prune') return await provePrune(write, cluster);
    // Both are of our own making in every field, and there may be one for each of a thousand nodes.
    if (write.node !== undefined || write.partly === true) return write;
    if (isBeyondProof(write, missing)) return unproven(write);
    const force = write.op === 'update' && write.force;
    const dryRun = await cluster.dryRun(trial(write), { force });
    // Whoever carries it out may have rights that are missing here.
    const isMissingHere = onBehalf && dryRun.result === 'rejected' && dryRun.ofAccount === true;
    return isMissingHere ? unproven(write) : proven(write, dryRun, missing, mark);
  };
  const tried = await bounded(changes, concurrency, async (change): Promise<Change> => {
    if (isWrite(change)) return await proveWrite(change);
    // Whoever is to consent to it has to know what the server would make of it.
    if (change.op === 'wait' && change.pending !== undefined) {
      return stillWaiting(change, await proveWrite(change.pending));
    }
    return change;
  });
  return withHolds(tried);
}

/** What waits for consent, after what it would do was tried: nobody need consent to what could not be done. */
function stillWaiting(change: Extract<Change, { op: 'wait' }>, tried: Change): Change {
  if (!isWrite(tried)) return tried;
  const { flags, adds, defaults } = tried;
  return {
    ...change,
    flags,
    pending: tried,
    ...(adds === undefined ? {} : { adds }),
    ...(defaults === undefined ? {} : { defaults }),
  };
}

/** A deletion is not dry-run: it is looked at again, as it is before the deed. */
async function provePrune(change: Extract<Change, { op: 'prune' }>, cluster: Cluster): Promise<Change> {
  const { id, live, fields, flags } = change;
  const now = await cluster.get(live);
  if (now === undefined) return { op: 'keep', id, fields, flags: [] };
  const why = await pruneObstacle(live, now, cluster);
  return why === undefined ? change : { op: 'refuse', id, fields, flags, reason: `Not pruned: ${why}` };
}
