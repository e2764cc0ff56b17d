import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { NodeOutput } from '../../schemas/output/node.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { fakeRoot } from '../nodeagent/fake-root.ts';
import { STORAGE_NODE } from '../nodeagent/storage-node.ts';
import { aReport } from '../reconciler/core/nodes/build-reports.ts';
import { anInstallation, type Installation } from '../support/installation.ts';
import { configMap } from '../support/manifests.ts';
import { agentRights, type AgentRights } from '../support/node-agent-rights.ts';

const MAIN = fileURLToPath(new URL('../../nodeagent/main.ts', import.meta.url));
const BOOT_FILE = '/proc/sys/kernel/random/boot_id';
const BOOT = '6c1f6a4e-0000-4000-8000-00000000000a';
const NEXT_BOOT = '6c1f6a4e-0000-4000-8000-00000000000b';

/** Each look is a whole command, and there are twenty; and what is news of nodes only waits its minute. */
const STORY = { timeout: 300_000 };

const cluster = await sharedCluster();

/** An installation whose agents are those of `rights`, with a repository that asks for one ConfigMap. */
async function installed({ namespace: agentNamespace }: AgentRights): Promise<Installation> {
  const installation = await anInstallation(cluster);
  const { repository, namespace, systemNamespace } = installation;
  await repository.commit({ 'a.yaml': configMap(namespace, 'a') });
  const name = systemNamespace.replace(/-system$/, '');
  return installation.beside({ installation: { name, namespace: systemNamespace, agentNamespace } });
}

/** The pod of the agent, as its DaemonSet would label it and its kubelet tell that it is ready. */
async function agentIs(ready: boolean, { namespace }: AgentRights): Promise<void> {
  await kubectl(
    'label',
    'pod',
    'agent',
    '-n',
    namespace,
    '--overwrite',
    'app.kubernetes.io/name=weka-nodeagent',
  );
  const status = ready ? 'True' : 'False';
  const patch = { status: { conditions: [{ type: 'Ready', status }] } };
  await kubectl(
    'patch',
    'pod',
    'agent',
    '-n',
    namespace,
    '--subresource=status',
    '-p',
    JSON.stringify(patch),
  );
}

async function boots(node: string, bootID: string): Promise<void> {
  const patch = JSON.stringify({ status: { nodeInfo: { bootID } } });
  await kubectl('patch', 'node', node, '--subresource=status', '--type=merge', '-p', patch);
}

async function kubectl(...args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(stderr);
}

/** The agent itself, with the token of its pod, over the files of a storage node. */
async function agentRuns({ namespace, kubeconfig, nodes }: AgentRights): Promise<() => Promise<void>> {
  const root = await fakeRoot({ ...STORAGE_NODE, [BOOT_FILE]: `${BOOT}\n` });
  const args = ['run', '--root', root, '--kubeconfig', kubeconfig, '--namespace', namespace, '--listen', ''];
  args.push('--state', join(root, 'state'));
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], NODE_NAME: nodes[0] },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(stop);
  return stop;
}

/** What somebody with the token of the agent leaves in place of its report. */
async function leave(packed: Uint8Array, { agent, path, nodes }: AgentRights): Promise<void> {
  const name = `weka-node-report-${nodes[0]}`;
  const { status, body } = await agent(
    'PATCH',
    `${path(name)}?fieldManager=weka-nodeagent&force=true`,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      binaryData: { 'report.json.gz': Buffer.from(packed).toString('base64') },
    },
    'application/apply-patch+yaml',
  );
  if (status !== 200 && status !== 201) throw new Error(body);
}

describe('weka-gitops status', () => {
  it('shows what the agent of a node reports, and why a report counts for nothing', STORY, async () => {
    const rights = await agentRights(cluster);
    const [node, other] = rights.nodes;
    const { json, run } = await installed(rights);
    const seen = async (name = node): Promise<NodeOutput | undefined> =>
      (await json('status')).nodes?.nodes.find((each) => each.name === name);
    const untilWhy = async (why: string) =>
      await until(
        why,
        async () => {
          const row = await seen();
          if (row?.why === why) return true;
          throw new Error(JSON.stringify(row));
        },
        { everyMs: 500 },
      );

    expect((await json('status')).nodes).toBeUndefined();

    await boots(node, BOOT);
    await agentIs(true, rights);
    expect(await seen()).toMatchObject({
      state: 'unknown',
      why: `The agent on ${node} has not reported yet.`,
    });

    const stop = await agentRuns(rights);
    const told = await until('the report', async () => {
      const row = await seen();
      return row?.state === 'told' ? row : undefined;
    });
    expect(told).toMatchObject({
      state: 'told',
      headers: expect.stringMatching(/yes|no/),
      hyperThreading: 'on',
      cpus: 8,
      hugePages: [
        { sizeKiB: 2048, total: 16_384 },
        { sizeKiB: 1_048_576, total: 0 },
      ],
    });
    expect(told?.wekaModules?.join()).toContain('wekafsio');
    expect(await seen(other)).toMatchObject({ state: 'unknown', why: `No agent runs on ${other}.` });
    const text = (await run('status')).stdout;
    expect(text).toContain('told by their agents');
    expect(text).toContain(node);
    expect((await run('status', '--output', 'markdown')).stdout).toContain('| Node | Agent | Kernel |');
    const explained = await run('explain', `node/${node}`);
    expect(explained.stdout).toContain('Hyper-threading');
    expect(explained.stdout.replaceAll(/\s+/g, ' ')).toContain('tells of it.');
    await stop();

    await agentIs(false, rights);
    await untilWhy(`The agent on ${node} is not ready: see pod ${rights.namespace}/agent.`);
    await agentIs(true, rights);

    await leave(Buffer.from('nonsense'), rights);
    await untilWhy(`The report of ${node} is not packed by gzip, or is cut off.`);
    await leave(gzipSync(JSON.stringify({ ...aReport(node), schemaVersion: 2 })), rights);
    await untilWhy(`The report of ${node} is of schema version 2, and this program knows 1.`);
    await leave(gzipSync(JSON.stringify(aReport(other))), rights);
    await untilWhy(`The report of ${node} says that it is the one of ${other}.`);

    await leave(gzipSync(JSON.stringify(aReport(node, { bootId: BOOT }))), rights);
    await until('it counts again', async () => (await seen())?.state === 'told');
    await boots(node, NEXT_BOOT);
    await untilWhy(
      `The report of ${node} is of another boot than the one that runs: of ${BOOT}, and not of ${NEXT_BOOT}.`,
    );
    await boots(node, BOOT);

    await kubectl('delete', 'pod', 'agent', '-n', rights.namespace, '--grace-period=0', '--force');
    await untilWhy(`No agent runs on ${node}.`);
  });
});

describe('weka-gitops run', () => {
  it('tells the status branch of a node whose report has changed', STORY, async () => {
    const rights = await agentRights(cluster);
    const [node] = rights.nodes;
    const installation = await installed(rights);
    const { repository, statusRef, start } = installation;
    const status = async () => {
      const text = await repository.file('status.json', statusRef).catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as { nodes?: { nodes: NodeOutput[] } });
    };
    const row = async () => (await status())?.nodes?.nodes.find(({ name }) => name === node);
    await boots(node, BOOT);
    await agentIs(true, rights);
    const pages = (free: number) => [{ sizeKiB: 2048, total: 4096, free }];
    await leave(gzipSync(JSON.stringify(aReport(node, { bootId: BOOT, hugePages: pages(4096) }))), rights);

    const running = start('run');
    onTestFinished(async () => {
      running.stop();
      await running.ended;
    });
    await until('the node on the status branch', async () => (await row())?.state === 'told', {
      timeoutMs: 120_000,
    });

    await leave(
      gzipSync(JSON.stringify(aReport(node, { bootId: BOOT, hugePages: pages(7), hyperThreading: 'off' }))),
      rights,
    );
    await until('the change on the status branch', async () => (await row())?.hyperThreading === 'off', {
      timeoutMs: 120_000,
    });
    expect((await row())?.hugePages).toEqual([{ sizeKiB: 2048, total: 4096, free: 7 }]);
    running.stop();
    expect((await running.ended).exitCode).toBe(0);
  });
});
