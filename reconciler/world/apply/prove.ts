import { type Change, isWrite } from '../../core/plan/change.ts';
import { withHolds } from '../../core/plan/hold.ts';
import { isBeyondProof, proven, trial, unproven } from '../../core/plan/proof.ts';
import type { Cluster } from '../../ports.ts';
import { bounded } from './bounded.ts';
import { pruneObstacle } from './prune-obstacle.ts';

/** Dry runs under way at the same time. */
const CONCURRENCY = 16;

/**
 * The plan after the API server has tried each write without making it. What it would not take is refused, what it finds
 * to be there already is kept, and what cannot be tried yet is marked as unproven. Throws where the server cannot be
 * asked.
 */
export async function prove(
  changes: readonly Change[],
  cluster: Cluster,
  { concurrency = CONCURRENCY }: { readonly concurrency?: number } = {},
): Promise<readonly Change[]> {
  const tried = await bounded(changes, concurrency, async (change): Promise<Change> => {
    if (!isWrite(change)) return change;
    if (change.op === 'prune') return await provePrune(change, cluster);
    if (isBeyondProof(change, changes)) return unproven(change);
    const force = change.op === 'update' && change.force;
    return proven(change, await cluster.dryRun(trial(change), { force }), changes);
  });
  return withHolds(tried);
}

/** A deletion is not dry-run: it is looked at again, as it is before the deed. */
async function provePrune(change: Extract<Change, { op: 'prune' }>, cluster: Cluster): Promise<Change> {
  const { id, live, fields, flags } = change;
  const now = await cluster.get(live);
  if (now === undefined) return { op: 'keep', id, fields, flags: [] };
  const why = await pruneObstacle(live, now, cluster);
  return why === undefined ? change : { op: 'refuse', id, fields, flags, reason: `Not pruned: ${why}` };
}
