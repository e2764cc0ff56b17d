import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';

/** A node with who wrote what on it; undefined where there is none of that name. */
export async function liveNode(api: KubeApi, name: string): Promise<KubeObject | undefined> {
  try {
    return await api.request<KubeObject>('GET', `/api/v1/nodes/${encodeURIComponent(name)}`);
  } catch (error) {
    if (error instanceof ApiError && error.absent) return undefined;
    throw error;
  }
}
