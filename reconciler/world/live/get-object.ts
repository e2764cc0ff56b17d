import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi, RequestOptions } from '../kubeapi/kube-api.ts';
import { objectPath, type Reference } from './paths.ts';

/** The object as it is now; undefined only where the API server says that it does not exist. */
export async function getObject(
  api: KubeApi,
  object: Reference,
  options: Pick<RequestOptions, 'signal' | 'timeoutMs'> = {},
): Promise<KubeObject | undefined> {
  try {
    return await api.request<KubeObject>('GET', objectPath(object), options);
  } catch (error) {
    if (error instanceof ApiError && error.absent) return undefined;
    throw error;
  }
}
