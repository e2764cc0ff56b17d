import type { Cluster } from '../../cluster/cluster.ts';

/** What tells a pod that went on from one that was replaced or started anew. */
export interface PodSeen {
  readonly uid: string;
  readonly image: string;
  readonly container: string | undefined;
  readonly restarts: number | undefined;
}

interface Pod {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
  readonly status: {
    readonly containerStatuses?: readonly { readonly containerID: string; readonly restartCount: number }[];
  };
}

/** The pods of a namespace, without those that are ending. */
export async function podsIn(cluster: Cluster, namespace: string): Promise<readonly PodSeen[]> {
  const { items } = await cluster.api.json<{ items: Pod[] }>('GET', `/api/v1/namespaces/${namespace}/pods`);
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata: { uid }, spec, status }) => ({
      uid,
      image: spec.containers[0]?.image ?? '',
      container: status.containerStatuses?.[0]?.containerID,
      restarts: status.containerStatuses?.[0]?.restartCount,
    }));
}
