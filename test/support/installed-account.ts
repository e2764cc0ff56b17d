import type { KubeObject } from '../../reconciler/core/kube/object.ts';
import { type Account, serviceAccount, userName } from '../../reconciler/install/account.ts';
import { firstLease } from '../../reconciler/install/first-lease.ts';
import { planner } from '../../reconciler/install/planner.ts';
import { type ReconcilerRights, reconcilerRights } from '../../reconciler/install/reconciler-rights.ts';
import type { Rule } from '../../reconciler/install/rules.ts';
import { ApiError } from '../cluster/api.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { until } from '../cluster/until.ts';

/** A service account of the program, with exactly the rights that are installed for it. */
export interface InstalledAccount extends Account {
  /** Path of its kubeconfig. */
  readonly kubeconfig: string;
  readonly token: string;
  /** Removes what does not go with its namespace. */
  remove(): Promise<void>;
}

/** All installations of a control plane have their node agents here, unless told otherwise. */
export const AGENT_NAMESPACE = 'weka-gitops-test-nodes';

export interface InstalledRights extends Pick<ReconcilerRights, 'name' | 'namespaces' | 'kinds'> {
  /** Where the reconciler is installed. It is made where it is not there. */
  readonly namespace: string;
  readonly agentNamespace?: string;
}

/** The account of a reconciler as it is installed, with the lease that it finds there. It may use its rights at once. */
export async function installedReconciler(
  cluster: Cluster,
  options: InstalledRights,
): Promise<InstalledAccount> {
  const { account, objects } = rightsOf(options);
  const places = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  await Promise.all([...places].map((name) => ensure(cluster, NAMESPACES, { metadata: { name } })));
  const lease = firstLease(options, 'test');
  const [credentials] = await Promise.all([
    credentialsOf(cluster, account),
    ensure(cluster, collectionOf(lease), lease),
    give(cluster, objects, { allowing: objects, user: userName(account) }),
  ]);
  const staying = objects.filter(({ metadata }) => metadata.namespace !== account.namespace);
  return { ...account, ...credentials, remove: () => take(cluster, staying) };
}

/** Gives a user the same rights beside the account; they count once this returns. What it returns takes them back. */
export async function shareRights(
  cluster: Cluster,
  options: InstalledRights,
  user: string,
): Promise<() => Promise<void>> {
  const { objects } = rightsOf(options);
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  const shared = objects
    .filter((each) => 'roleRef' in each)
    .map(({ metadata, ...rest }) => {
      return { ...rest, metadata: { ...metadata, name: `${metadata.name}-${user}` }, subjects };
    });
  await give(cluster, shared, { allowing: objects, user });
  return () => take(cluster, shared);
}

/** Gives a user what an installation may do with its record and its lease, and nothing else. It goes with the namespace. */
export async function shareOwnRights(
  cluster: Cluster,
  options: Pick<InstalledRights, 'name' | 'namespace'>,
  user: string,
): Promise<void> {
  const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
  const own = rightsOf(options)
    .objects.filter(({ metadata }) => metadata.namespace === options.namespace)
    .map((each) => ('roleRef' in each ? { ...each, subjects } : each));
  await give(cluster, own, { allowing: own, user });
}

function rightsOf({ agentNamespace = AGENT_NAMESPACE, ...rights }: InstalledRights): {
  readonly account: Account;
  readonly objects: readonly KubeObject[];
} {
  const account = { namespace: rights.namespace, serviceAccount: rights.name };
  return { account, objects: reconcilerRights({ ...rights, account, agentNamespace }) };
}

/** Makes roles and bindings, and waits until what the roles allow counts for a user. */
async function give(
  cluster: Cluster,
  objects: readonly KubeObject[],
  { allowing, user }: { readonly allowing: readonly KubeObject[]; readonly user: string },
): Promise<void> {
  await Promise.all(objects.map((each) => ensure(cluster, collectionOf(each), each)));
  const roles = allowing.filter((each) => 'rules' in each);
  await until(`the rights of ${user}`, async () => {
    return (await Promise.all(roles.map((role) => counts(cluster, user, role)))).every(Boolean);
  });
}

async function take(cluster: Cluster, objects: readonly KubeObject[]): Promise<void> {
  await Promise.all(objects.map((each) => remove(cluster, `${collectionOf(each)}/${each.metadata.name}`)));
}

const PLANNER = { namespace: 'weka-gitops-test-planner', serviceAccount: 'weka-gitops-planner' };
const planners = new Map<string, Promise<InstalledAccount>>();

/**
 * The account of the planner of pull requests as it is installed, with the policy that refuses its writes: one for a control plane,
 * whose end is its end.
 */
export async function installedPlanner(cluster: Cluster): Promise<InstalledAccount> {
  const known = planners.get(cluster.server) ?? installPlanner(cluster);
  planners.set(cluster.server, known);
  return await known;
}

async function installPlanner(cluster: Cluster): Promise<InstalledAccount> {
  for (const each of planner({ ...PLANNER, name: PLANNER.namespace })) {
    await ensure(cluster, collectionOf(each), each);
  }
  const account = { ...PLANNER, ...(await credentialsOf(cluster, PLANNER)), remove: async () => {} };
  const probe = ['create', 'configmap', 'probe', '-n', PLANNER.namespace];
  await until('the policy of the planner', async () => {
    const { stderr } = await cluster.kubectl(probe, account);
    return stderr.includes('may only try what it shows');
  });
  return account;
}

const NAMESPACES = '/api/v1/namespaces';

/** Where objects of its kind are, in its namespace. */
function collectionOf({ apiVersion, kind, metadata: { namespace } }: KubeObject): string {
  const plural = kind.replace(/y$/, 'ie').toLowerCase() + 's';
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

/** Makes a service account, and a token for it. */
async function credentialsOf(
  cluster: Cluster,
  account: Account,
): Promise<Pick<InstalledAccount, 'kubeconfig' | 'token'>> {
  await ensure(cluster, `${NAMESPACES}/${account.namespace}/serviceaccounts`, serviceAccount(account));
  const token = await cluster.token(account);
  return { token, kubeconfig: await cluster.kubeconfigFor({ ...account, token }) };
}

/** Makes an object where it is not there yet. */
async function ensure(cluster: Cluster, collection: string, object: object): Promise<void> {
  await cluster.api.text('POST', collection, object).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  });
}

async function remove(cluster: Cluster, path: string): Promise<void> {
  await cluster.api.text('DELETE', path).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
}

/** Whether the API server has heard of a role and its binding by now: asked by the first rule. */
async function counts(cluster: Cluster, user: string, role: KubeObject): Promise<boolean> {
  const [rule] = role['rules'] as readonly [Rule];
  const resourceAttributes = {
    group: rule.apiGroups[0],
    resource: rule.resources[0],
    verb: rule.verbs[0],
    name: rule.resourceNames?.[0],
    namespace: role.metadata.namespace,
  };
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
  const { status } = await cluster.api.json<{ readonly status: { readonly allowed: boolean } }>(
    'POST',
    path,
    {
      spec: { user, resourceAttributes },
    },
  );
  return status.allowed;
}
