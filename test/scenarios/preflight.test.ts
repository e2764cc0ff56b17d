import { describe, expect, it } from 'vitest';
import { packReport } from '../../nodeagent/node-report.ts';
import { observeNode } from '../../nodeagent/host/observe-node.ts';
import { nodeReport } from '../../nodeagent/node-report.ts';
import { Preflight } from '../../schemas/output/preflight.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { fakeHost, fakeRoot } from '../nodeagent/fake-root.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../nodeagent/storage-node.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { agentRights, type AgentRights } from '../support/node-agent-rights.ts';

const BOOT = '6c1f6a4e-0000-4000-8000-00000000000a';

const cluster = await sharedCluster();

async function kubectl(...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

async function patchStatus(what: readonly string[], status: object): Promise<void> {
  const patch = JSON.stringify({ status });
  await kubectl('patch', ...what, '--subresource=status', '--type=merge', '-p', patch);
}

/** The agent of the first node is ready, and left what it sees of a host with these files in place of a storage node's. */
async function agentTells(rights: AgentRights, files: Readonly<Record<string, string>> = {}): Promise<void> {
  const { namespace, nodes, agent, path } = rights;
  const [node] = nodes;
  await patchStatus(['node', node], { nodeInfo: { bootID: BOOT } });
  await kubectl(
    'label',
    'pod',
    'agent',
    '-n',
    namespace,
    '--overwrite',
    'app.kubernetes.io/name=weka-nodeagent',
  );
  await patchStatus(['pod', 'agent', '-n', namespace], { conditions: [{ type: 'Ready', status: 'True' }] });
  const boot = { '/proc/sys/kernel/random/boot_id': `${BOOT}\n` };
  const host = fakeHost(await fakeRoot({ ...STORAGE_NODE, ...boot, ...files }), {
    interfaces: storageNodeInterfaces,
  });
  const observed = await observeNode(host);
  const packed = packReport(nodeReport({ node, agentVersion: '0.1.0', intentGeneration: 0, observed }));
  const { status, body } = await agent(
    'PATCH',
    `${path(`weka-node-report-${node}`)}?fieldManager=weka-nodeagent&force=true`,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `weka-node-report-${node}` },
      binaryData: { 'report.json.gz': Buffer.from(packed).toString('base64') },
    },
    'application/apply-patch+yaml',
  );
  if (status !== 200 && status !== 201) throw new Error(body);
}

async function installed({ namespace: agentNamespace }: AgentRights): Promise<Installation> {
  const installation = await anInstallation(cluster);
  const { systemNamespace } = installation;
  const name = systemNamespace.replace(/-system$/, '');
  return installation.beside({ installation: { name, namespace: systemNamespace, agentNamespace } });
}

async function looked(installation: Installation, ...args: readonly string[]): Promise<Preflight> {
  const { stdout, stderr } = await installation.run('preflight', '--output', 'json', ...args);
  if (stdout === '') throw new Error(stderr);
  return Preflight.parse(JSON.parse(stdout));
}

function clientOn(namespace: string, node: string): string {
  return `apiVersion: weka.weka.io/v1alpha1
kind: WekaClient
metadata: { name: mounts, namespace: ${namespace} }
spec:
  image: quay.io/weka.io/weka-in-container:4.4.10
  driversDistService: https://drivers.weka.io
  joinIpPorts: ['10.0.0.11:14000']
  nodeSelector: { kubernetes.io/hostname: ${node} }
  coresNum: 2
`;
}

describe('weka-gitops preflight', () => {
  it('says of a real cluster what the nodes lack for what the repository asks of them', async () => {
    const rights = await agentRights(cluster);
    const [node, other] = rights.nodes;
    const installation = await installed(rights);
    const { repository, namespace } = installation;
    await repository.commit({ 'client.yaml': clientOn(namespace, node) });

    await agentTells(rights, {
      '/var/lib/kubelet/cpu_manager_state': '{"policyName":"none","defaultCpuSet":"","checksum":1353318690}',
    });
    const lacking = await looked(installation, '--nodes', node);
    expect(lacking.asks?.ref).toBe('main');
    expect(lacking.nodes).toMatchObject([{ name: node, hosts: ['client mounts'], result: 'fail' }]);
    expect(lacking.nodes[0]?.fail).toContain('cpu-manager');
    expect(lacking.problems.find(({ checks }) => checks.includes('cpu-manager'))).toMatchObject({
      result: 'fail',
      seen: [{ value: 'policy none', nodes: [node] }],
      mend: { commands: expect.arrayContaining([`kubectl uncordon ${node}`]) },
    });
    const passed = lacking.checks.filter((each) => each.passed > 0).map(({ check }) => check);
    expect(passed).toEqual(
      expect.arrayContaining([
        'kubernetes-version',
        'node-agent',
        'huge-pages',
        'privileged-pods',
        'cpu-cores',
      ]),
    );
    expect(lacking.checks.find(({ check }) => check === 'kubernetes-version')?.seen[0]?.value).toMatch(
      /^v1\.36/,
    );

    const text = await installation.run('preflight', '--nodes', node, '--failed-only');
    expect(text.exitCode).toBe(1);
    expect(text.stdout).toContain('Needs: policy static');
    expect(text.stdout).not.toContain('Passes');

    await agentTells(rights, {
      '/var/lib/kubelet/cpu_manager_state':
        '{"policyName":"static","defaultCpuSet":"0-1","checksum":1353318690}',
    });
    const mended = await looked(installation, '--nodes', node);
    expect(mended.nodes[0]?.fail).not.toContain('cpu-manager');

    const silent = await looked(installation, '--nodes', `${node},${other}`);
    expect(silent.nodes.find(({ name }) => name === other)).toMatchObject({ hosts: [], result: 'unknown' });
    expect(silent.clean).toBe(false);
  });

  it('works without a repository and without agents, and says how to install them', async () => {
    const rights = await agentRights(cluster);
    const [node] = rights.nodes;
    const installation = (await installed(rights)).beside({ repository: undefined });
    const { exitCode, stdout } = await installation.run('preflight', '--nodes', node);
    expect(stdout).toContain('No repository is configured.');
    expect(stdout).toContain('Each node is held against one container of one core');
    expect(stdout).toContain('weka-gitops install');
    expect(exitCode).toBe(1);
  });

  it('does not call a cluster fit while manifests have errors', async () => {
    const rights = await agentRights(cluster);
    const [node] = rights.nodes;
    const installation = await installed(rights);
    const { repository, namespace } = installation;
    await agentTells(rights);
    await repository.commit({ 'client.yaml': clientOn(namespace, node), 'note.yaml': 'kind: [' });
    const broken = await looked(installation, '--nodes', node);
    expect(broken).toMatchObject({ clean: false, asks: { ref: 'main' } });
    expect(broken.problems.find(({ checks }) => checks.includes('manifests'))).toMatchObject({
      scope: 'cluster',
      result: 'unknown',
      seen: [{ value: 'The manifests have 1 error, and what is broken asks for nothing here.', nodes: [] }],
    });

    await repository.commit({ 'client.yaml': 'kind: [' });
    const nothing = await installation.run('preflight', '--nodes', node);
    expect(nothing.exitCode).toBe(1);
    expect(nothing.stdout).toContain(
      'What is whole in the repository asks for no WekaCluster and no WekaClient.',
    );

    await repository.commit({ 'client.yaml': clientOn(namespace, node), 'note.yaml': '' });
    const whole = await looked(installation, '--nodes', node);
    expect(whole.problems.filter(({ checks }) => checks.includes('manifests'))).toEqual([]);
  });

  it('names the node that there is not', async () => {
    const rights = await agentRights(cluster);
    const installation = (await installed(rights)).beside({ repository: undefined });
    const { exitCode, stderr } = await installation.run('preflight', '--nodes', 'nowhere');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There is no node "nowhere".');
  });
});
