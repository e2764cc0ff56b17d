import type { KubeApi } from '../kubeapi/kube-api.ts';
import { KubernetesTooOldError } from './errors.ts';

/** Since then the token of a pod names the node that the pod is bound to, which tells agents apart. */
const OLDEST = [1, 32] as const;

/** The version of the API server, such as `v1.36.3`; throws where node agents could not be told apart there. */
export async function supportedVersion(api: KubeApi): Promise<string> {
  return mustBeSupported(await serverVersion(api));
}

/** The version of the API server, whatever it is. */
export async function serverVersion(api: KubeApi): Promise<string> {
  return (await api.request<{ readonly gitVersion?: string }>('GET', '/version')).gitVersion ?? '';
}

export function mustBeSupported(version: string): string {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) {
    throw new KubernetesTooOldError('The API server does not say which version of Kubernetes it is.', {
      hint: 'Something else than an API server may stand at that address.',
    });
  }
  if (Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]))
    return version;
  const why =
    'only from Kubernetes 1.32 on the token of a node agent names its node, and without that each could write the report of every node';
  throw new KubernetesTooOldError(`This is Kubernetes ${version}: ${why}. Nothing was written.`, {
    hint: 'Upgrade the cluster to Kubernetes 1.32 or later.',
  });
}
