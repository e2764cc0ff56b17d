import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { agentRights, type AgentRights, type Ask } from '../../support/node-agent-rights.ts';

const cluster = await sharedCluster();
let rights: AgentRights;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
});

afterEach(async () => {
  const { reconciler, nodes, path } = rights;
  await reconciler('DELETE', path(`weka-node-report-${nodes[0]}`));
});

const APPLY = 'application/apply-patch+yaml';
const KEY = 'report.json.gz';
const packed = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64');

/** A ConfigMap in the form of a report. */
function report(name: string, change: Readonly<Record<string, unknown>> = {}) {
  const { metadata, ...rest } = change;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(metadata as object | undefined) },
    binaryData: { [KEY]: packed(100) },
    ...rest,
  };
}

interface Resource {
  readonly name: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** `/api/v1`, `/apis/GROUP/VERSION`. */
  readonly root: string;
}

/** Every resource that the API server has, with those below others. */
async function everyResource(): Promise<readonly Resource[]> {
  const groups = await cluster.api.json<{ groups: { preferredVersion: { groupVersion: string } }[] }>(
    'GET',
    '/apis',
  );
  const roots = [
    '/api/v1',
    ...groups.groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const lists = await Promise.all(
    roots.map(async (root) => {
      const { resources } = await cluster.api.json<{ resources: Omit<Resource, 'root'>[] }>('GET', root);
      return resources.map((each) => ({ ...each, root }));
    }),
  );
  return lists.flat();
}

const METHODS = {
  get: ['GET', 'one', ''],
  list: ['GET', 'all', ''],
  watch: ['GET', 'all', 'watch=true&timeoutSeconds=1'],
  create: ['POST', 'all', 'dryRun=All'],
  update: ['PUT', 'one', 'dryRun=All'],
  patch: ['PATCH', 'one', 'dryRun=All&fieldManager=test'],
  delete: ['DELETE', 'one', 'dryRun=All'],
  deletecollection: ['DELETE', 'all', 'dryRun=All'],
} as const;

/** Tries every verb on every resource; those that rights did not stop. */
async function allowed(
  ask: Ask,
  namespace: string,
  resources: readonly Resource[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, namespaced, root } of resources) {
    const [resource = '', sub] = name.split('/');
    const where = `${root}/${namespaced ? `namespaces/${namespace}/` : ''}${resource}`;
    const tries = Object.entries(METHODS).map(async ([verb, [method, of, query]]) => {
      // What is below another is made there and listed nowhere.
      if (sub !== undefined && ['list', 'watch', 'deletecollection'].includes(verb)) return;
      const path = sub !== undefined ? `${where}/none/${sub}` : of === 'one' ? `${where}/none` : where;
      const body = method === 'GET' ? undefined : {};
      const type = method === 'PATCH' ? 'application/merge-patch+json' : undefined;
      const answer = await ask(method, `${path}?${query}`, body, type);
      expect([401, 429]).not.toContain(answer.status);
      const isStopped = answer.status === 403 && /cannot \w+ resource|ServiceAccount/.test(answer.body);
      // Where the resource has no such verb.
      if (!isStopped && answer.status !== 405) found.push(`${verb} ${name}${namespaced ? '' : ' (cluster)'}`);
    });
    await Promise.all(tries);
  }
  return found.toSorted();
}

describe('the account of the node agents', () => {
  it('may do this, of every verb on every resource, and nothing in another namespace', async () => {
    const { agent, namespace } = rights;
    const resources = await everyResource();
    expect(resources.length).toBeGreaterThan(80);
    expect(await allowed(agent, namespace, resources)).toEqual([
      'create configmaps',
      // Questions about itself, which everyone may ask.
      'create selfsubjectaccessreviews (cluster)',
      'create selfsubjectreviews (cluster)',
      'create selfsubjectrulesreviews (cluster)',
      'get configmaps',
      'patch configmaps',
      'watch configmaps',
    ]);
    const other = await cluster.namespace();
    const inOther = await allowed(
      agent,
      other,
      resources.filter(({ namespaced }) => namespaced),
    );
    expect(inOther).toEqual([]);
  });

  it('writes the report of its own node, and reads all', async () => {
    const { agent, nodes, path } = rights;
    const own = `weka-node-report-${nodes[0]}`;
    const apply = `${path(own)}?fieldManager=weka-nodeagent&force=true`;
    expect(await agent('PATCH', apply, report(own), APPLY)).toMatchObject({ status: 201 });
    const next = report(own, { binaryData: { [KEY]: packed(200) } });
    expect(await agent('PATCH', apply, next, APPLY)).toMatchObject({ status: 200 });
    expect(JSON.parse((await agent('GET', path(own))).body)).toMatchObject({
      binaryData: { [KEY]: packed(200) },
    });
  });

  it('writes no report of another node, no intent, and nothing else', async () => {
    const { agent, unbound, nodes, path } = rights;
    const tries = async (ask: Ask, name: string) =>
      await ask('PATCH', `${path(name)}?fieldManager=a`, report(name), APPLY);
    const [own, other] = nodes.map((node) => `weka-node-report-${node}`) as [string, string];
    const refused = (why: string) => ({ status: 403, body: expect.stringContaining(why) });
    expect(await tries(agent, other)).toMatchObject(refused('the report of its own node only'));
    // Two policies refuse it, and either may be the one that is named.
    expect(await tries(agent, `weka-node-intent-${nodes[0]}`)).toMatchObject({
      status: 403,
      body: expect.stringMatching(/report of its own node only|Only the reconciler says/),
    });
    expect(await tries(agent, 'notes')).toMatchObject(refused('report of its own node only'));
    expect(await tries(agent, `${own}x`)).toMatchObject(refused('report of its own node only'));
    // A stolen token that is for no pod is for no node.
    expect(await tries(unbound, own)).toMatchObject(refused('report of its own node only'));
    const generated = { ...report(own), metadata: { generateName: own } };
    expect(await agent('POST', path('').slice(0, -1), generated)).toMatchObject(refused('own node only'));
  });

  it('writes reports in their form only', async () => {
    const { agent, reconciler, nodes, path, namespace } = rights;
    const own = `weka-node-report-${nodes[0]}`;
    const write = async (change: Readonly<Record<string, unknown>>) =>
      await agent('PATCH', `${path(own)}?fieldManager=weka-nodeagent&force=true`, report(own, change), APPLY);
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodes[0], uid: 'none' };
    for (const [change, why] of [
      [{ binaryData: { [KEY]: packed(900 * 1024 + 1) } }, 'at most 900 KiB'],
      [{ binaryData: { [KEY]: packed(1), more: packed(1) } }, 'and no other key'],
      [{ binaryData: { other: packed(1) } }, 'and no other key'],
      [{ binaryData: undefined }, 'and no other key'],
      [{ data: { k: 'v' } }, 'nothing beside its packed form'],
      [{ immutable: true }, 'nothing beside its packed form'],
      [{ metadata: { labels: { a: 'b' } } }, 'without a change of labels'],
      [{ metadata: { annotations: { a: 'b' } } }, 'without a change of labels'],
      [{ metadata: { finalizers: ['example.com/kept'] } }, 'without a change of labels'],
      [{ metadata: { ownerReferences: [owner] } }, 'without a change of labels'],
    ] as const) {
      const { status, body } = await write(change);
      expect({ status, body, change }).toEqual({ status: 403, body: expect.stringContaining(why), change });
    }
    expect((await write({ binaryData: { [KEY]: packed(900 * 1024) } })).status).toBe(201);
    // What others put there stays, and does not stop the next report.
    const label = ['label', '-n', namespace, 'configmap', own, 'team=storage'];
    expect((await cluster.kubectl(label)).stderr).toContain('Only the agent of a node says');
    expect((await write({})).status).toBe(200);
    expect((await reconciler('DELETE', path(own))).status).toBe(200);
  });

  it('may not do more even where somebody gives it every right', async () => {
    const { agent, nodes, path, namespace } = rights;
    const made = await cluster.kubectl([
      'create',
      'rolebinding',
      'all',
      '--clusterrole=cluster-admin',
      `--serviceaccount=${namespace}:agent`,
      '-n',
      namespace,
    ]);
    expect(made.exitCode).toBe(0);
    onTestFinished(async () => {
      await cluster.kubectl(['delete', 'rolebinding', 'all', '-n', namespace]);
      await until(
        'it counts no more',
        async () => (await agent('GET', path('').slice(0, -1))).status === 403,
      );
    });
    await until('the right counts', async () => (await agent('GET', path('').slice(0, -1))).status === 200);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
    const own = `weka-node-report-${nodes[0]}`;
    await agent('PATCH', `${path(own)}?fieldManager=a`, report(own), APPLY);
    for (const answer of [
      await agent('POST', `/api/v1/namespaces/${namespace}/secrets`, secret),
      await agent('DELETE', path(own)),
      await agent('DELETE', `/api/v1/namespaces/${namespace}/pods/agent`),
      await agent('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/agent/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {},
      }),
    ]) {
      // Two policies refuse a token, and either may be the one that is named.
      const why = expect.stringMatching(/and nothing else|Only nodes get tokens/);
      expect(answer).toMatchObject({ status: 403, body: why });
    }
  });
});

describe('what reconciler and agents say to each other', () => {
  it('is written by the one whose it is, not even by an admin; others may keep ConfigMaps beside', async () => {
    const { reconciler, nodes, path, namespace } = rights;
    const intent = `weka-node-intent-${nodes[0]}`;
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: intent },
      data: { 'intent.json': '{}' },
    };
    const all = path('').slice(0, -1);
    const asAdmin = async (object: object) =>
      await cluster.kubectl(['create', '-n', namespace, '-f', '-'], { input: JSON.stringify(object) });
    expect((await asAdmin(body)).stderr).toContain('Only the reconciler says what is asked of a node.');
    expect((await asAdmin(report(`weka-node-report-${nodes[0]}`))).stderr).toContain(
      'Only the agent of a node says',
    );
    expect((await reconciler('POST', all, body)).status).toBe(201);
    expect(await reconciler('POST', all, report(`weka-node-report-${nodes[0]}`))).toMatchObject({
      status: 403,
    });
    expect((await asAdmin({ ...body, metadata: { name: 'notes' } })).exitCode).toBe(0);
  });
});

describe('the namespace of the node agents', () => {
  const daemonSet = (name: string) => ({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: { is: name } },
      template: {
        metadata: { labels: { is: name } },
        spec: {
          serviceAccountName: 'agent',
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'agent', image: 'weka-gitops' }],
        },
      },
    },
  });
  const podOn = (node: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'mine' },
    spec: {
      nodeName: node,
      serviceAccountName: 'agent',
      containers: [{ name: 'mine', image: 'mine', securityContext: { privileged: true } }],
    },
  });

  /** Somebody with the role that may write nearly everything in a namespace. */
  async function editor(): Promise<(args: readonly string[], object?: object) => Promise<string>> {
    const { namespace } = rights;
    const user = `editor-${namespace}`;
    await cluster.kubectl([
      'create',
      'rolebinding',
      user,
      '--clusterrole=edit',
      `--user=${user}`,
      '-n',
      namespace,
    ]);
    onTestFinished(
      async () => void (await cluster.kubectl(['delete', 'rolebinding', user, '-n', namespace])),
    );
    const kubeconfig = await cluster.kubeconfigFor({ user, groups: ['editors'] });
    const as = async (args: readonly string[], object?: object) => {
      const input = object === undefined ? {} : { input: JSON.stringify(object) };
      const { stdout, stderr } = await cluster.kubectl(['-n', namespace, ...args], { kubeconfig, ...input });
      return `${stdout}${stderr}`;
    };
    await until('the role counts', async () => (await as(['auth', 'can-i', 'create', 'pods'])) === 'yes\n');
    return as;
  }

  it('has no pod of somebody who may merely edit it, and no way for him into those of the agents', async () => {
    const { nodes } = rights;
    const as = await editor();
    expect(await as(['create', '-f', '-'], podOn(nodes[0]))).toContain('no others are in this namespace');
    expect(await as(['create', '-f', '-'], daemonSet('agent'))).toContain('written by who installs it');
    expect(await as(['exec', 'agent', '--', 'id'])).toContain('are not entered');
    expect(await as(['attach', 'agent'])).toContain('are not entered');
    expect(await as(['set', 'image', 'pod/agent', 'agent=mine'])).toContain('is not changed');
    const token = ['create', 'token', 'agent', '--bound-object-kind=Pod', '--bound-object-name=agent'];
    expect(await as(token)).toContain('Only nodes get tokens');
    // What gives him no power stays possible.
    expect(await as(['label', 'pod', 'agent', 'team=storage', '--overwrite'])).toContain('labeled');
  });

  it('has pods of the DaemonSet of the agents, which whoever may change the policy writes, and of no other', async () => {
    const { namespace } = rights;
    const asAdmin = async (object: object) =>
      await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], { input: JSON.stringify(object) });
    expect(await asAdmin(daemonSet('agent'))).toMatchObject({ exitCode: 0 });
    expect(await asAdmin(daemonSet('another'))).toMatchObject({ exitCode: 0 });
    onTestFinished(async () => {
      await cluster.kubectl(['delete', 'daemonset', 'agent', 'another', '-n', namespace]);
    });
    const podsOf = async (name: string) =>
      (await cluster.kubectl(['get', 'pods', '-l', `is=${name}`, '-o', 'name', '-n', namespace])).stdout;
    await until('its pods are there', async () => (await podsOf('agent')) !== '');
    const events = ['get', 'events', '--field-selector=involvedObject.name=another', '-n', namespace];
    await until('its pods are refused', async () =>
      (await cluster.kubectl([...events, '-o', 'jsonpath={.items[*].message}'])).stdout.includes(
        'no others are in this namespace',
      ),
    );
    expect(await podsOf('another')).toBe('');
    const as = await editor();
    const image = ['set', 'image', 'daemonset/agent', 'agent=mine'];
    expect(await as(image)).toContain('written by who installs it');
  });

  it('keeps what is asked of nodes from all but the reconciler, and goes all the same when it is deleted', async () => {
    const { reconciler, namespace, nodes, path } = await agentRights(cluster);
    const name = `weka-node-intent-${nodes[0]}`;
    const intent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    const all = path('').slice(0, -1);
    expect((await reconciler('POST', all, intent)).status).toBe(201);
    for (const which of [[name], ['--all']]) {
      const { stderr } = await cluster.kubectl(['delete', 'configmap', ...which, '-n', namespace]);
      expect(stderr).toContain('Only the reconciler says what is asked of a node.');
    }
    expect((await reconciler('DELETE', path(name))).status).toBe(200);
    expect((await reconciler('POST', all, intent)).status).toBe(201);
    expect(await cluster.kubectl(['delete', 'namespace', namespace])).toMatchObject({ exitCode: 0 });
  });
});
