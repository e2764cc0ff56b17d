import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import type { KubeObject } from '../../reconciler/core/kube/object.ts';
import { agentNamespace } from '../../reconciler/install/agent-namespace.ts';
import { nodeAgentAdmission } from '../../reconciler/install/node-agent-admission.ts';
import { nodeAgentRole } from '../../reconciler/install/node-agent-role.ts';
import type { SharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';

/** An answer of the API server, whatever it is. */
export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Sends a request as somebody. */
export type Ask = (method: string, path: string, body?: unknown, contentType?: string) => Promise<Answered>;

export interface AgentRights {
  readonly namespace: string;
  /** Names of its two nodes. */
  readonly nodes: readonly [string, string];
  /** The agent of the first node, with the token of a pod that is bound to it. */
  readonly agent: Ask;
  /** Path of its kubeconfig. */
  readonly kubeconfig: string;
  /** With a token of the same account that is bound to no pod. */
  readonly unbound: Ask;
  readonly reconciler: Ask;
  /** Path of a ConfigMap. */
  readonly path: (name: string) => string;
}

/**
 * The rights of node agents in a namespace of their own, as they are installed, and two simulated nodes. All goes with the test that
 * asks; for all tests of a file: `agentRights(cluster, afterAll)`.
 */
export async function agentRights(
  cluster: SharedCluster,
  finished: (clean: () => Promise<void>) => void = onTestFinished,
): Promise<AgentRights> {
  const namespace = await cluster.createNamespace();
  const nodes = [`${namespace}-n1`, `${namespace}-n2`] as const;
  const name = `agent-${namespace}`;
  const asAdmin = async (args: readonly string[], objects?: readonly object[]) =>
    await cluster.kubectl(
      args,
      objects && { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) },
    );
  const sockets = new Agent({
    ca: cluster.authority,
    keepAlive: true,
  });
  finished(async () => {
    sockets.destroy();
    await cluster.deleteNamespace(namespace);
    for (const kind of ['validatingadmissionpolicybinding', 'validatingadmissionpolicy']) {
      await asAdmin(['delete', kind, name, `${name}-intents`, `${name}-pods`, '--ignore-not-found']);
    }
    await asAdmin(['delete', 'node', ...nodes, '--ignore-not-found', '--wait=false']);
  });
  const account = (serviceAccount: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: serviceAccount, namespace },
  });
  const bound = (roleName: string, serviceAccount: string): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: serviceAccount, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: roleName },
    subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace }],
  });
  const made = await asAdmin(
    ['apply', '-f', '-'],
    [
      agentNamespace(namespace),
      account('agent'),
      account('reconciler'),
      nodeAgentRole(namespace, 'agent'),
      bound('agent', 'agent'),
      {
        ...nodeAgentRole(namespace, 'reconciler'),
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }],
      },
      bound('reconciler', 'reconciler'),
      ...nodeAgentAdmission(
        {
          agent: { namespace, serviceAccount: 'agent' },
          reconciler: { namespace, serviceAccount: 'reconciler' },
        },
        name,
      ),
    ],
  );
  expect(made.stderr.replaceAll(/^Warning: .*\n/gm, '')).toBe('');
  await cluster.addNodes(nodes.map((each) => ({ name: each })));
  // On a node that is not there it would be cleared away.
  await cluster.api.json('POST', `/api/v1/namespaces/${namespace}/pods`, pod(namespace, nodes[0]));

  const unboundConfig = await cluster.kubeconfigFor({ namespace, serviceAccount: 'agent' });
  const reconciler = await askerOf(
    await cluster.kubeconfigFor({ namespace, serviceAccount: 'reconciler' }),
    sockets,
  );
  const kubeconfig = await boundConfig(cluster, namespace, unboundConfig);
  const agent = await askerOf(kubeconfig, sockets);
  const unbound = await askerOf(unboundConfig, sockets);
  const path = (each: string): string => `/api/v1/namespaces/${namespace}/configmaps/${each}`;
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'probe' } };
  await until('the policies hold', async (): Promise<true> => {
    const one = await agent('POST', path('').slice(0, -1), probe);
    const intent = { ...probe, metadata: { name: 'weka-node-intent-probe' } };
    const other = await cluster.kubectl(['create', '-n', namespace, '--dry-run=server', '-f', '-'], {
      input: JSON.stringify(intent),
    });
    if (one.body.includes('of its own node only') && other.stderr.includes('Only the reconciler'))
      return true;
    throw new Error(`${one.body}\n${other.stderr}`);
  });
  return { namespace, nodes, agent, kubeconfig, unbound, reconciler, path };
}

function pod(namespace: string, node: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'agent', namespace },
    spec: {
      nodeName: node,
      serviceAccountName: 'agent',
      containers: [{ name: 'agent', image: 'weka-gitops' }],
    },
  };
}

/** The kubeconfig of the account with a token for its pod, as the kubelet would ask for it. */
async function boundConfig(cluster: SharedCluster, namespace: string, unbound: string): Promise<string> {
  const { metadata } = await cluster.api.json<{ metadata: { uid: string } }>(
    'GET',
    `/api/v1/namespaces/${namespace}/pods/agent`,
  );
  const { status } = await cluster.api.json<{ status: { token: string } }>(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/agent/token`,
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        expirationSeconds: 3600,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'agent', uid: metadata.uid },
      },
    },
  );
  const config = parse(await readFile(unbound, 'utf8')) as { users: { user: { token: string } }[] };
  config.users[0]!.user.token = status.token;
  const path = `${unbound}.bound`;
  await writeFile(path, stringify(config), { mode: 0o600 });
  return path;
}

interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly { readonly user: { readonly token: string } }[];
}

/** Sends whatever is asked for with the token of a kubeconfig. It shares no code with what is under test. */
async function askerOf(kubeconfig: string, sockets: Agent): Promise<Ask> {
  const config = parse(await readFile(kubeconfig, 'utf8')) as Kubeconfig;
  const { server } = config.clusters[0]!.cluster;
  const { token } = config.users[0]!.user;
  return async (method, path, body, contentType = 'application/json') =>
    await new Promise((resolve, reject) => {
      const content = body === undefined ? '' : JSON.stringify(body);
      // Node itself says how long a body is only for methods that usually have one.
      const length = { 'content-length': Buffer.byteLength(content) };
      const headers = { authorization: `Bearer ${token}`, 'content-type': contentType, ...length };
      const options = { method, agent: sockets, headers, timeout: 20_000 };
      const asked = request(new URL(path, server), options, (response) => {
        const status = response.statusCode ?? 0;
        text(response).then((answer) => resolve({ status, body: answer }), reject);
      });
      asked.on('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer`)));
      asked.on('error', reject);
      asked.end(content);
    });
}
