import { INTENT_PREFIX, REPORT_PREFIX } from '../../../schemas/node/config-maps.ts';
import type { Kind } from '../../core/kube/kinds.ts';
import { type KubeObject, objectId } from '../../core/kube/object.ts';
import { bounded } from '../apply/bounded.ts';
import { ApiError } from '../kubeapi/errors.ts';
import type { KubeApi } from '../kubeapi/kube-api.ts';
import { list } from '../live/list.ts';

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Why a namespace is not known to be empty. */
interface Reason {
  readonly why: string;
}

/** What agents and reconciler said to each other, which only they may write. */
const OF_AGENTS = [INTENT_PREFIX, REPORT_PREFIX];

/** What Kubernetes puts into every namespace, and what goes by itself. */
const OF_EVERY_NAMESPACE = new Set(['v1/ConfigMap/kube-root-ca.crt', 'v1/ServiceAccount/default']);
const TRANSIENT = new Set(['Event', 'Endpoints', 'EndpointSlice', 'PodMetrics']);

/**
 * Why a namespace has to stay: an object that it holds beside what Kubernetes itself puts there, what agents said, and `known`; or a
 * kind that could not be looked at. Undefined only where all kinds could be, and there is nothing.
 */
export async function whatElse(
  api: KubeApi,
  namespace: string,
  known: readonly KubeObject[] = [],
): Promise<string | undefined> {
  const own = new Set(known.map(objectId));
  const groups = await seen('Its API groups', api.request<Groups>('GET', '/apis'));
  if (isReason(groups)) return groups.why;
  const versions = ['v1', ...groups.groups.map(({ preferredVersion }) => preferredVersion.groupVersion)];
  const kinds = (await bounded(versions, 8, async (apiVersion) => await kindsOf(api, apiVersion))).flat();
  const found = await bounded(kinds, 8, async (kind) => {
    if (isReason(kind)) return kind;
    const listed = list(api, { kind, namespace, metadataOnly: true });
    const objects = await seen(`${kind.plural} of ${kind.apiVersion}`, listed);
    if (isReason(objects)) return objects;
    const other = objects.find((object) => !isMade(object) && !own.has(objectId(object)) && !isUsual(object));
    return other && { why: `It holds ${objectId(other)}, which install did not make.` };
  });
  return found.find((each) => each !== undefined)?.why;
}

interface Groups {
  readonly groups: readonly { readonly preferredVersion: { readonly groupVersion: string } }[];
}

async function kindsOf(api: KubeApi, apiVersion: string): Promise<readonly (Kind | Reason)[]> {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const asked = api.request<{ readonly resources: readonly Resource[] }>('GET', root);
  const answer = await seen(`What ${apiVersion} has`, asked);
  if (isReason(answer)) return [answer];
  return answer.resources
    .filter(({ name, namespaced, verbs }) => namespaced && !name.includes('/') && verbs.includes('list'))
    .filter(({ kind }) => !TRANSIENT.has(kind))
    .map(({ name: plural, kind }) => {
      return { apiVersion, kind, plural, namespaced: true, allowed: 'by-ceiling', stage: 'workload' };
    });
}

/** What was asked for, or why it is not known: an API that is down for now, or a right that is missing. */
async function seen<Answer extends object>(what: string, asked: Promise<Answer>): Promise<Answer | Reason> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { why: `${what} could not be looked at: ${error.message}` };
  }
}

function isReason(answer: object): answer is Reason {
  return 'why' in answer;
}

function isUsual({ apiVersion, kind, metadata: { name } }: KubeObject): boolean {
  return (
    OF_EVERY_NAMESPACE.has(`${apiVersion}/${kind}/${name}`) ||
    (kind === 'ConfigMap' && OF_AGENTS.some((prefix) => name.startsWith(prefix)))
  );
}

/** Whether a controller made it: it goes with what that made it for. */
function isMade({ metadata: { ownerReferences = [] } }: KubeObject): boolean {
  return ownerReferences.some(({ controller }) => controller === true);
}
