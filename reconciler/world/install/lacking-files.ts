import { record } from '../../core/kube/json.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { readInstalled } from './installed-resources.ts';

/** A Secret that somebody has to make, and the settings that name the files in it. */
interface Needed {
  readonly namespace: string;
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

/** What is to be said of a Secret that is not there, or lacks keys; nothing where all is well, or where we may not look. */
export async function lackingFiles(api: KubeApi, needed: Needed | undefined): Promise<string | undefined> {
  if (needed === undefined) return undefined;
  const { namespace, name, files } = needed;
  const found = await unlessForbidden(
    readInstalled(api, { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } }),
  );
  if (found === 'forbidden') return undefined;
  const has = record(found?.['data']);
  const missing = [...files].filter(([key]) => !Object.hasOwn(has, key));
  if (missing.length === 0) return undefined;
  const from = missing.map(([key]) => `--from-file=${key}=FILE`).join(' ');
  const settings = missing.map(([key, setting]) => `${key} (${setting})`).join(', ');
  return found === undefined
    ? `Secret ${name} in namespace ${namespace} is missing, and the pods wait for it: kubectl create secret generic ${name} -n ${namespace} ${from}`
    : `Secret ${name} in namespace ${namespace} lacks ${settings}, and the pods wait for it.`;
}

async function unlessForbidden(
  asked: Promise<KubeObject | undefined>,
): Promise<KubeObject | undefined | 'forbidden'> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'API_FORBIDDEN') return 'forbidden';
    throw error;
  }
}
