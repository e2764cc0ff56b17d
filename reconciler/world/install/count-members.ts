import { KINDS } from '../../core/kube/kinds.ts';
import { bounded } from '../apply/bounded.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list } from '../live/list.ts';

/** How many objects a selector finds in the whole cluster, of all kinds that are made for a repository. */
export async function countMembers(
  api: KubeApi,
  labelSelector: string,
): Promise<{ readonly objects: number; readonly pods: number }> {
  const counts = await bounded(KINDS, 8, async (kind) => {
    const listed = await list(api, { kind, labelSelector, metadataOnly: true });
    return { kind: kind.kind, found: listed.length };
  });
  return {
    objects: counts.reduce((sum, { found }) => sum + found, 0),
    pods: counts.find(({ kind }) => kind === 'Pod')?.found ?? 0,
  };
}
