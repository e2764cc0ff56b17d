import { type Kind, kindOf } from '../../core/kube/kinds.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { collectionPath } from '../live/paths.ts';

/** What of an object addresses it. */
export type Reference = Pick<KubeObject, 'apiVersion' | 'kind' | 'metadata'>;

const MONITORING = 'monitoring.coreos.com/v1';

/** Kinds that no repository may hold. */
const FURTHER: readonly Kind[] = [
  further(MONITORING, 'PodMonitor', 'podmonitors'),
  further('coordination.k8s.io/v1', 'Lease', 'leases'),
];

function further(apiVersion: string, kind: string, plural: string): Kind {
  return { apiVersion, kind, plural, namespaced: true, allowed: 'by-ceiling', stage: 'workload' };
}

/** What has to be known of the kind of an object that is installed. */
export function installedKind({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): Kind {
  const is = (each: Kind) => each.apiVersion === apiVersion && each.kind === kind;
  const found = kindOf({ apiVersion, kind }) ?? FURTHER.find(is);
  if (found === undefined) throw new Error(`${kind} of ${apiVersion} is never installed.`);
  return found;
}

/** Where an object is read and written. */
export function installedPath(object: Reference): string {
  const { name, namespace } = object.metadata;
  return `${collectionPath(installedKind(object), namespace)}/${encodeURIComponent(name)}`;
}

/** The object as it is in the cluster; undefined only where the API server says that it is not there. */
export async function readInstalled(api: KubeApi, object: Reference): Promise<KubeObject | undefined> {
  return await unlessAbsent(api.request<KubeObject>('GET', installedPath(object)));
}

/** Whether the cluster has the kind that makes the Prometheus operator read metrics of pods. */
export async function hasPodMonitors(api: KubeApi): Promise<boolean> {
  const served = await unlessAbsent(
    api.request<{ readonly resources?: readonly { readonly name?: string }[] }>('GET', `/apis/${MONITORING}`),
  );
  return served?.resources?.some(({ name }) => name === 'podmonitors') ?? false;
}

async function unlessAbsent<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
