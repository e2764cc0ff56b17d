import { record, records } from '../../kube/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import { podSpec } from '../../kube/references.ts';
import { isAppliedByUs } from '../managed-fields.ts';
import type { RiskContext } from './deed.ts';
import { isDescribed } from './described.ts';

type Json = Readonly<Record<string, unknown>>;

/**
 * The service account that pods get and that the repository does not describe, so nobody here has seen what it may do. The rights
 * of those that it does describe are shown where they are bound, and a token without any opens nothing.
 */
export function unseenAccount(
  after: KubeObject,
  before: KubeObject | undefined,
  context: RiskContext,
): string | undefined {
  const name = accountOf(after);
  const { namespace } = after.metadata;
  if (name === undefined || namespace === undefined || (before && accountOf(before) === name))
    return undefined;
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  return isDescribed(account, context) ? undefined : `ServiceAccount ${namespace}/${name}`;
}

/** Whether an account that another made becomes ours, and with it whatever rights it was given. */
export function isTakenAccount(after: KubeObject, before: KubeObject | undefined): boolean {
  return before !== undefined && after.metadata.name !== DEFAULT && !isAppliedByUs(before);
}

/** The account for which a Secret newly gets a token. */
export function accountOfToken(after: KubeObject, before: KubeObject | undefined): string | undefined {
  const annotation = (secret: KubeObject | undefined) => secret?.metadata.annotations?.[ACCOUNT];
  const isToken = (after['type'] ?? before?.['type']) === TOKEN;
  const name = annotation(after) ?? annotation(before);
  if (!isToken || name === undefined) return undefined;
  return before?.['type'] === TOKEN && annotation(before) === name ? undefined : name;
}

const TOKEN = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';
/** The account of pods that name none; it has no rights by itself. */
const DEFAULT = 'default';

/** The account by which pods can reach the Kubernetes API. */
function accountOf(object: KubeObject): string | undefined {
  const pod = record(podSpec(object));
  // The API server takes the older field where the newer one is not set.
  const name = pod['serviceAccountName'] || pod['serviceAccount'];
  if (typeof name !== 'string' || name === DEFAULT) return undefined;
  return pod['automountServiceAccountToken'] === false && !isMounted(pod) ? undefined : name;
}

/** Whether a volume of the pod holds what proves that it runs as its account. */
function isMounted(pod: Json): boolean {
  return records(pod['volumes'])
    .flatMap((volume) => records(record(volume['projected'])['sources']))
    .some((source) => 'serviceAccountToken' in source || 'podCertificate' in source);
}
