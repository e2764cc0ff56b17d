import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { explain, ReconcilerError } from '../../../../reconciler/errors.ts';
import { KubeApi } from '../../../../reconciler/world/kubeapi/kube-api.ts';
import {
  type KubeConfigOptions,
  loadKubeConfig,
} from '../../../../reconciler/world/kubeapi/load-kube-config.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { scratchFolder } from '../../../cluster/scratch.ts';

/** What a person is told when `work` fails. Anything else than a ReconcilerError is thrown on. */
export async function complaint(work: () => unknown): Promise<string> {
  let error: unknown = new Error('Nothing was thrown.');
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  if (error instanceof ReconcilerError) return explain(error);
  throw error;
}

/** Paths in a new folder that goes with the test. */
export async function folder(): Promise<(name: string) => string> {
  const root = await scratchFolder();
  return (name) => join(root, name);
}

/** A client that is closed with the test. */
export async function open(options: KubeConfigOptions): Promise<KubeApi> {
  const api = new KubeApi(await loadKubeConfig(options));
  onTestFinished(() => api.close());
  return api;
}

interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Whom the API server takes us for. */
export async function askWhoIAm(api: KubeApi): Promise<UserInfo> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { status } = await api.request<{ readonly status: { readonly userInfo: UserInfo } }>('POST', path, {
    body,
  });
  return status.userInfo;
}

export async function whoAmI(options: KubeConfigOptions): Promise<string> {
  return (await askWhoIAm(await open(options))).username;
}

type Entry = Record<string, unknown>;

interface Kubeconfig {
  readonly clusters: { cluster: Entry }[];
  readonly users: { user: Entry }[];
}

/** The entries of a kubeconfig that has one of each. */
export async function entriesOf(path: string): Promise<{ readonly cluster: Entry; readonly user: Entry }> {
  const config = parse(await readFile(path, 'utf8')) as Kubeconfig;
  return { ...config.clusters[0]!, ...config.users[0]! };
}

/** Whom kubeconfigs prove us to be, by a certificate, unless told otherwise. */
export const BEARER = 'kubeapi-test';

/** A kubeconfig with a user, `BEARER` unless one is given, and with changes to its cluster, written to `path`. */
export async function writeKubeconfig(
  path: string,
  control: Cluster,
  changes: { readonly cluster?: Entry; readonly user?: Entry } = {},
): Promise<string> {
  const config = parse(await readFile(await control.kubeconfigFor({ user: BEARER }), 'utf8')) as Kubeconfig;
  Object.assign(config.clusters[0]!.cluster, changes.cluster);
  if (changes.user !== undefined) config.users[0]!.user = changes.user;
  await writeFile(path, stringify(config));
  return path;
}

export function decoded(base64: unknown): string {
  return Buffer.from(String(base64), 'base64').toString('utf8');
}

/** A token of a service account, and the name that the API server knows its bearer by. */
export async function aToken(
  cluster: Cluster,
  namespace: string,
  name = 'default',
): Promise<{ readonly token: string; readonly username: string }> {
  const accounts = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  if (name !== 'default') await cluster.api.json('POST', accounts, { metadata: { name } });
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = await cluster.api.json<{ readonly status: { readonly token: string } }>(
    'POST',
    `${accounts}/${name}/token`,
    body,
  );
  return { token: status.token, username: `system:serviceaccount:${namespace}:${name}` };
}
