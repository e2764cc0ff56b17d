import { canonicalJson } from '../../core/kube/hash.ts';
import { isRecord } from '../../core/kube/json.ts';
import { groupOf, type KubeObject, objectId, type ObjectId } from '../../core/kube/object.ts';
import { FIELD_MANAGER } from '../../core/plan/managed-fields.ts';
import { bounded } from '../apply/bounded.ts';
import { ApiError } from '../kubeapi/errors.ts';
import { APPLY_PATCH, type KubeApi } from '../kubeapi/kube-api.ts';
import { InstallRefusedError } from './errors.ts';
import { installedKind, installedPath, readInstalled } from './installed-resources.ts';

/** An object that is to be in the cluster. */
export interface Wanted {
  readonly object: KubeObject;
  /** Whether it stays as it is where somebody else made it. */
  readonly shared: boolean;
}

/** What applying an object comes to. `kept`: somebody else's, and good as it is. */
export type InstallResult = 'created' | 'changed' | 'unchanged' | 'kept';

/** What is to be written for an object. */
export interface Tried {
  readonly id: ObjectId;
  readonly object: KubeObject;
  readonly result: InstallResult;
  /** Whether it is reconciled from a repository as well, which says otherwise. */
  readonly force: boolean;
}

const AT_ONCE = 8;
/** Reasons that are told at once at most. */
const MOST_TOLD = 12;

/**
 * Asks of every object what applying it would come to, and writes nothing. Throws an InstallRefusedError with all that stands in
 * the way, as far as it can be known: objects in a namespace that is not there yet can only be asked about by rights.
 */
export async function tryInstallation(
  api: KubeApi,
  wanted: readonly Wanted[],
  manager: string,
): Promise<readonly Tried[]> {
  const live = await bounded(wanted, AT_ONCE, async ({ object }) => await seen(api, object));
  const missing = new Set(
    wanted.flatMap(({ object }, index) =>
      object.kind === 'Namespace' && live[index]?.found === undefined ? [object.metadata.name] : [],
    ),
  );
  const tried = await bounded(
    wanted.map((each, index) => ({ ...each, ...live[index] })),
    AT_ONCE,
    async ({ object, shared, found, refused }): Promise<Tried | string> => {
      const id = objectId(object);
      if (refused !== undefined) return `${id}: ${refused}`;
      if (found !== undefined && shared && !isAppliedBy(found, manager)) {
        return { id, object, result: holds(found, object) ? 'unchanged' : 'kept', force: false };
      }
      const { namespace } = object.metadata;
      if (namespace !== undefined && missing.has(namespace)) {
        const why = await missingRight(api, object);
        return why === undefined ? { id, object, result: 'created', force: false } : `${id}: ${why}`;
      }
      try {
        const { after, force } = await tryApply(api, object, manager);
        if (found === undefined) return { id, object, result: 'created', force };
        const same = isSame(found, after) && (shared || isAppliedBy(found, manager));
        return { id, object, result: same ? 'unchanged' : 'changed', force };
      } catch (error) {
        if (!(error instanceof ApiError) || error.status === undefined) throw error;
        return `${id}: ${whyNot(error)}`;
      }
    },
  );
  const refusals = tried.filter((each) => typeof each === 'string');
  if (refusals.length > 0) throw refused(refusals);
  return tried.filter((each) => typeof each !== 'string');
}

/** What applying would come to. From the reconciler itself it takes fields: whoever installs may do more than that. */
async function tryApply(
  api: KubeApi,
  object: KubeObject,
  manager: string,
): Promise<{ readonly after: KubeObject; readonly force: boolean }> {
  try {
    return { after: await applyAs(api, object, manager, { dryRun: true }), force: false };
  } catch (error) {
    const own = error instanceof ApiError && error.conflicts.length > 0;
    if (!own || error.conflicts.some((each) => each.manager !== FIELD_MANAGER)) throw error;
    return { after: await applyAs(api, object, manager, { dryRun: true, force: true }), force: true };
  }
}

/** Server-side apply under a name. Unless told to, it takes no field from anybody. */
export async function applyAs(
  api: KubeApi,
  object: KubeObject,
  manager: string,
  { dryRun = false, force = false }: { readonly dryRun?: boolean; readonly force?: boolean } = {},
): Promise<KubeObject> {
  return await api.request<KubeObject>('PATCH', installedPath(object), {
    contentType: APPLY_PATCH,
    body: object,
    query: {
      fieldManager: manager,
      fieldValidation: 'Strict',
      dryRun: dryRun ? 'All' : undefined,
      force: force ? true : undefined,
    },
  });
}

async function seen(
  api: KubeApi,
  object: KubeObject,
): Promise<{ readonly found?: KubeObject | undefined; readonly refused?: string }> {
  try {
    return { found: await readInstalled(api, object) };
  } catch (error) {
    if (error instanceof ApiError && error.code === 'API_FORBIDDEN') return { refused: whyNot(error) };
    throw error;
  }
}

/** Why we may not make an object, by what the API server says of our rights. */
async function missingRight(api: KubeApi, object: KubeObject): Promise<string | undefined> {
  const { plural, apiVersion } = installedKind(object);
  const { namespace, name } = object.metadata;
  for (const verb of ['patch', 'create']) {
    const resourceAttributes = { verb, group: groupOf(apiVersion), resource: plural, namespace, name };
    const { status } = await api.request<{ readonly status: { readonly allowed: boolean } }>(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes },
        },
      },
    );
    if (!status.allowed) return `the right to ${verb} ${plural} in namespace ${namespace} is missing`;
  }
  return undefined;
}

function whyNot({ message, conflicts }: ApiError): string {
  if (conflicts.length === 0) return message;
  return conflicts
    .slice(0, 3)
    .map(({ path, manager }) => `${path} is managed by ${manager}, which says otherwise`)
    .join('; ');
}

function refused(reasons: readonly string[]): InstallRefusedError {
  const told = reasons.slice(0, MOST_TOLD).map((reason) => `\n    ${reason}`);
  const more = reasons.length > MOST_TOLD ? `\n    and ${reasons.length - MOST_TOLD} more` : '';
  const what =
    reasons.length === 1 ? 'One object would not be taken' : `${reasons.length} objects would not be taken`;
  return new InstallRefusedError(`${what}, so nothing was written:${told.join('')}${more}`, {
    hint: 'Install as somebody who may write these, and let nobody else manage them.',
  });
}

/** Whether an object has all that another asks for. */
function holds(live: unknown, wanted: unknown): boolean {
  if (!isRecord(wanted)) return canonicalJson(live) === canonicalJson(wanted);
  return isRecord(live) && Object.entries(wanted).every(([name, value]) => holds(live[name], value));
}

export function isAppliedBy({ metadata: { managedFields = [] } }: KubeObject, by: string): boolean {
  return managedFields.some(({ manager, operation }) => manager === by && operation === 'Apply');
}

/** Whether two states of an object differ in nothing but what the API server keeps about writes, and in what controllers say. */
function isSame(one: KubeObject, other: KubeObject): boolean {
  return canonicalJson(content(one)) === canonicalJson(content(other));
}

function content({ metadata, status: _status, ...rest }: KubeObject): object {
  const { managedFields: _fields, resourceVersion: _version, generation: _generation, ...kept } = metadata;
  return { ...rest, metadata: kept };
}
