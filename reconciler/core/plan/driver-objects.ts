import { intendedNode } from '../nodes/intended-node.ts';
import { DRIVER_WORK } from '../drivers/work-annotation.ts';
import type { KubeObject } from '../kube/object.ts';
import { objectId } from '../kube/object.ts';
import type { Change } from './change.ts';
import { isAppliedByUs } from './managed-fields.ts';
import { isControlled, pruneSwitch, type PruneContext } from './prune.ts';

/** Whether it says what is asked of a node. It stays whatever manifests say: what is loaded is never removed because a file went. */
export function isIntent({ kind, metadata }: KubeObject, agentNamespace: string | undefined): boolean {
  return (
    kind === 'ConfigMap' && metadata.namespace === agentNamespace && intendedNode(metadata.name) !== undefined
  );
}

/** Whether it is a pod that builds, fetches or loads drivers. It holds nothing, and can be made again. */
export function isDriverWork({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): boolean {
  return kind === 'Pod' && metadata.annotations?.[DRIVER_WORK] !== undefined;
}

/** Such pods that nobody has use for any more. They are no part of what a commit may remove. */
export function pruneDriverWork(
  orphans: readonly KubeObject[],
  context: Pick<PruneContext, 'settings' | 'blocked'>,
): readonly Change[] {
  const blocked = pruneSwitch(context);
  return orphans
    .filter((live) => isAppliedByUs(live) && !isControlled(live))
    .map((live): Change => {
      const base = { id: objectId(live), fields: [], flags: [] } as const;
      if (live.metadata.deletionTimestamp !== undefined)
        return { ...base, op: 'wait', reason: 'It is being deleted', passing: true };
      return blocked === undefined
        ? { ...base, op: 'prune', live }
        : { ...base, op: 'wait', reason: `Not pruned: ${blocked}` };
    });
}
