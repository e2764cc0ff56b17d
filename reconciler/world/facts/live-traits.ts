import type { KubeObject } from '../../core/kube/object.ts';
import type { ClusterTraits } from '../../core/preflight/check.ts';
import { POD_SECURITY } from '../../core/preflight/cluster-checks/privileged-pods.ts';
import { ApiError } from '../kubeapi/errors.ts';
import { serverVersion } from '../install/server-version.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';

/** What the API server says of itself, and of these namespaces. What may not be read is left out. */
export async function liveTraits(api: KubeApi, namespaces: readonly string[]): Promise<ClusterTraits> {
  const podSecurity = new Map<string, string>();
  const [version] = await Promise.all([
    unlessForbidden(() => serverVersion(api)),
    ...namespaces.map(async (name) => {
      const labels = await labelsOf(api, name);
      if (labels !== undefined) podSecurity.set(name, labels[POD_SECURITY] ?? '');
    }),
  ]);
  return { version: version === '' ? undefined : version, podSecurity };
}

/** None for a namespace that is not there yet. */
async function labelsOf(api: KubeApi, name: string): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    const object = await unlessForbidden(() => api.request<KubeObject>('GET', path));
    return object === undefined ? undefined : (object.metadata.labels ?? {});
  } catch (error) {
    if (error instanceof ApiError && error.absent) return {};
    throw error;
  }
}

async function unlessForbidden<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}
