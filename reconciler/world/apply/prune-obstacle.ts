import { anchoredPod } from '../../core/desired/anchor.ts';
import { type KubeObject, objectId } from '../../core/kube/object.ts';
import { pruneMismatch } from '../../core/plan/prune.ts';
import type { Cluster } from '../../ports.ts';

/**
 * Why `now`, read again, must not be deleted as the orphan that was planned. The pod of an anchor is looked for by its
 * name: the plan sees only what carries our label, and somebody may have taken that off.
 */
export async function pruneObstacle(
  planned: KubeObject,
  now: KubeObject,
  cluster: Pick<Cluster, 'get'>,
): Promise<string | undefined> {
  const why = pruneMismatch(planned, now);
  if (why !== undefined) return why;
  const pod = anchoredPod(now);
  const isThere = pod !== undefined && (await cluster.get(pod)) !== undefined;
  return isThere ? `${objectId(pod)}, which it stands for, is still there` : undefined;
}
