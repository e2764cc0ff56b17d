import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Facts } from '../../../../reconciler/core/facts/facts.ts';
import { liveFacts } from '../../../../reconciler/world/facts/live-facts.ts';
import { readFacts } from '../../../../reconciler/world/facts/read-facts.ts';
import { openKubeCluster } from '../../../../reconciler/world/live/kube-cluster.ts';
import { sharedCluster } from '../../../cluster/shared.ts';
import { until } from '../../../cluster/until.ts';
import { runCli } from '../../../support/installation.ts';
import { accountOfFile } from '../../../support/account-of-file.ts';

const cluster = await sharedCluster();
const { kubeconfig } = await accountOfFile(cluster);

const WHAT = ['get', 'nodes,pods,configmaps', '-A'];

interface Scene {
  /** Label of the nodes of this test, and what their names begin with. */
  readonly label: string;
  readonly namespace: string;
  readonly folder: string;
}

/** Six nodes with huge pages and drives, of which one has fewer cores, and a pod that runs on the first. */
async function aScene(): Promise<Scene> {
  const label = `facts-${randomBytes(4).toString('hex')}`;
  const namespace = await cluster.namespace();
  const folder = await mkdtemp(join(tmpdir(), 'facts-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const names = Array.from({ length: 6 }, (_, index) => `${label}-${index}`);
  onTestFinished(async () => {
    await cluster.kubectl(['delete', 'node', '--wait=false', ...names]);
  });
  await cluster.addNodes(
    names.map((name, index) => ({
      name,
      labels: { 'example.com/test': label },
      // Nothing but what asks for it is to run there.
      taints: [{ key: 'example.com/test', value: label, effect: 'NoSchedule' }],
      annotations: {
        'weka.io/weka-drives': '["S1","S2"]',
        'weka.io/blocked-drives': '["S2"]',
        'weka.io/discovery.json': '{"is_ht":false,"schema":3}',
      },
      capacity: { cpu: index === 5 ? '1' : '32', 'hugepages-2Mi': '64Gi', 'weka.io/drives': '1' },
    })),
  );
  await cluster.api.json('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name: 'busy' },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': `${label}-0` },
      tolerations: [{ operator: 'Exists' }],
      initContainers: [
        { name: 'side', image: 'a', restartPolicy: 'Always', resources: { requests: { cpu: '500m' } } },
      ],
      containers: [
        {
          name: 'a',
          image: 'a',
          resources: { limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '2Gi' } },
          ports: [{ containerPort: 46_010, hostPort: 46_010 }],
        },
      ],
    },
  });
  await until('pod busy on its node', async () => {
    const { spec } = await cluster.api.json<{ spec: { nodeName?: string } }>(
      'GET',
      `/api/v1/namespaces/${namespace}/pods/busy`,
    );
    return spec.nodeName !== undefined;
  });
  return { label, namespace, folder };
}

async function written({ folder }: Scene, format: string, ...more: readonly string[]): Promise<string> {
  const file = join(folder, `facts.${format}`);
  const [verb = '', kinds = '', ...rest] = WHAT;
  const { stdout, stderr } = await cluster.kubectl([verb, [kinds, ...more].join(','), ...rest, '-o', format]);
  expect(stderr).toBe('');
  await writeFile(file, stdout);
  return file;
}

/** What facts say of the nodes and the pod of a scene, and of nothing that other tests make meanwhile. */
function ofScene({ nodes, pods, configMaps }: Facts, { label, namespace }: Scene): unknown {
  const within = (object: { readonly namespace: string }) => object.namespace === namespace;
  return {
    nodes: nodes
      .filter(({ name }) => name.startsWith(label))
      .toSorted((a, b) => a.name.localeCompare(b.name)),
    pods: pods.filter(within),
    configMaps: configMaps.filter(within),
  };
}

async function manifests({ folder, label, namespace }: Scene, template = '', secret = ''): Promise<string> {
  const file = join(folder, 'cluster.yaml');
  await writeFile(
    file,
    `apiVersion: weka.weka.io/v1alpha1
kind: WekaCluster
metadata: { name: demo, namespace: ${namespace} }
spec:
  image: quay.io/weka.io/weka-in-container:4.4.10
  hotSpare: 0
  nodeSelector: { example.com/test: ${label} }
  tolerations: [example.com/test]
  ${secret}
  dynamicTemplate: { ${template} }
`,
  );
  return file;
}

describe('facts', () => {
  it('are the same from kubectl’s JSON, from its YAML and from the cluster itself', async () => {
    const scene = await aScene();
    const json = await readFacts(await written(scene, 'json'));
    const yaml = await readFacts(await written(scene, 'yaml'));
    await using live = await openKubeCluster({ kubeconfig, env: {} });
    const asked = await liveFacts(live.api);

    expect(ofScene(yaml, scene)).toEqual(ofScene(json, scene));
    expect(ofScene(asked, scene)).toEqual(ofScene(json, scene));
    expect(ofScene(json, scene)).toMatchObject({
      nodes: [
        {
          name: `${scene.label}-0`,
          allocatable: { cpuMillis: 32_000, hugePages2MiBytes: 64 * 2 ** 30, drives: 1 },
          annotations: { drives: ['S1', 'S2'], damaged: [] },
          architecture: 'amd64',
          obstacle: undefined,
        },
        {},
        {},
        {},
        {},
        { allocatable: { cpuMillis: 1000 } },
      ],
      pods: [
        {
          name: 'busy',
          node: `${scene.label}-0`,
          requests: { cpuMillis: 2500, memoryBytes: 2 ** 30, hugePages2MiBytes: 2 ** 31 },
          hostPorts: [46_010],
        },
      ],
      configMaps: [{ name: 'kube-root-ca.crt', data: {} }],
    });
  });

  it('of the cluster hold the names of Secrets where these may be listed, and nothing else of them', async () => {
    const namespace = await cluster.namespace();
    const data = { password: Buffer.from('hunter2-hunter2').toString('base64') };
    await cluster.api.json('POST', `/api/v1/namespaces/${namespace}/secrets`, {
      metadata: { name: 'pull' },
      data,
    });
    await using live = await openKubeCluster({ kubeconfig, env: {} });
    const facts = await liveFacts(live.api);
    expect(facts.secrets?.has(`${namespace}/pull`)).toBe(true);
    expect(JSON.stringify({ ...facts, secrets: [...(facts.secrets ?? [])] })).not.toContain(data.password);
  });

  it('of the cluster do not know Secrets where these may not be listed', async () => {
    const user = `facts-${randomBytes(4).toString('hex')}`;
    const rules = [{ apiGroups: [''], resources: ['nodes', 'pods', 'configmaps'], verbs: ['list'] }];
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    await cluster.api.json('POST', `${rbac}/clusterroles`, { metadata: { name: user }, rules });
    await cluster.api.json('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: user },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: user },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
    onTestFinished(async () => {
      await cluster.kubectl(['delete', 'clusterrole,clusterrolebinding', user]);
    });
    await using live = await openKubeCluster({ kubeconfig: await cluster.kubeconfigFor({ user }), env: {} });
    const facts = await until(
      'the right to list',
      async () => await liveFacts(live.api).catch(() => undefined),
    );
    expect(facts?.secrets).toBeUndefined();
    expect(facts?.configMaps.length).toBeGreaterThan(0);
  });

  it('of the cluster need the right to list nodes', async () => {
    const nobody = await cluster.kubeconfigFor({ user: 'facts-nobody' });
    await using live = await openKubeCluster({ kubeconfig: nobody, env: {} });
    await expect(liveFacts(live.api)).rejects.toMatchObject({ code: 'API_FORBIDDEN' });
  });
});

describe('weka-gitops validate --facts', () => {
  it.each(['json', 'yaml'])('says of the %s that kubectl prints which nodes lack what', async (format) => {
    const scene = await aScene();
    const facts = await written(scene, format);
    const five = await runCli([
      'validate',
      '--facts',
      facts,
      await manifests(scene, 'driveContainers: 5, computeContainers: 5'),
    ]);
    expect([five.stdout.includes('nodes-for-role'), five.exitCode]).toEqual([false, 0]);

    const { stdout, exitCode } = await runCli([
      'validate',
      '--facts',
      facts,
      await manifests(scene, 'driveContainers: 6, computeContainers: 6, driveCores: 2'),
    ]);
    expect(exitCode).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `The 6 drive containers of cluster demo need 6 nodes with 3 cores, 14,700 MiB of memory, 3,000 MiB of huge pages and 1 drive each; 5 of 6 nodes with example.com/test=${scene.label} have them: ${scene.label}-5 lacks 2 cores.`,
    );
  });

  it('asks the cluster itself for live, Secrets included', async () => {
    const scene = await aScene();
    const file = await manifests(scene, 'driveContainers: 5, computeContainers: 5', 'imagePullSecret: pull');
    const args = ['validate', '--facts', 'live', '--kubeconfig', kubeconfig, file];
    const without = await runCli(args);
    expect(without.stdout.replaceAll(/\s+/g, ' ')).toContain(
      `Secret "${scene.namespace}/pull" is neither in the repository nor in the cluster.`,
    );
    expect(without.exitCode).toBe(1);
    await cluster.api.json('POST', `/api/v1/namespaces/${scene.namespace}/secrets`, {
      metadata: { name: 'pull' },
    });
    const { stdout, exitCode } = await runCli(args);
    expect([stdout.includes('pull'), exitCode]).toEqual([false, 0]);
  });

  it.each([
    ['there is no such file', 'none.json'],
    ['it is a folder', '.'],
  ])('exits 2 where %s', async (why, name) => {
    const folder = await mkdtemp(join(tmpdir(), 'facts-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, name);
    expect(await runCli(['validate', '--facts', file, folder])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: `weka-gitops: FACTS: ${file} cannot be read: ${why}.\n  hint: Write it with: kubectl get nodes,pods,configmaps -A -o json > facts.json\n`,
    });
  });

  it('takes a kubeconfig only with the cluster itself', async () => {
    const { exitCode, stderr } = await runCli(['validate', '--kubeconfig', 'none', '.']);
    expect([exitCode, stderr]).toEqual([
      2,
      'weka-gitops: USAGE: weka-gitops validate asks no cluster without --facts live.\n  hint: Add --facts live, or leave --kubeconfig and --context out.\n',
    ]);
  });
});
