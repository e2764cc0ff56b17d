import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { NodeReport } from '../../../schemas/node-report.ts';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { agentRights, type AgentRights } from '../../support/node-agent-rights.ts';
import { fakeRoot } from '../fake-root.ts';
import { STORAGE_NODE } from '../storage-node.ts';

const MAIN = fileURLToPath(new URL('../../../nodeagent/main.ts', import.meta.url));

const cluster = await sharedCluster();
let rights: AgentRights;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
});

/** The program itself, under the rights and with the token that it is installed with, over the files of a storage node. */
async function started(node: string) {
  const { kubeconfig, namespace } = rights;
  const root = await fakeRoot(STORAGE_NODE);
  const args = ['run', '--root', root, '--kubeconfig', kubeconfig, '--namespace', namespace];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], NODE_NAME: node },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (log += text));
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const said = async (text: string) => {
    try {
      return await until(`it says ${text}`, () => log.includes(text));
    } catch (cause) {
      throw new Error(log, { cause });
    }
  };
  return { child, root, said, ended, log: () => log };
}

async function reportOf(node: string): Promise<NodeReport | undefined> {
  const { status, body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
  if (status !== 200) return undefined;
  const { binaryData } = JSON.parse(body) as { binaryData: Record<string, string> };
  return unpackReport(Buffer.from(binaryData['report.json.gz'] ?? '', 'base64'));
}

/** What the reconciler asks of a node. */
async function ask(node: string, intent: unknown): Promise<void> {
  const name = `weka-node-intent-${node}`;
  const { status } = await rights.reconciler(
    'PATCH',
    `${rights.path(name)}?fieldManager=weka-gitops`,
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { 'intent.json': JSON.stringify(intent) },
    },
    'application/apply-patch+yaml',
  );
  expect([200, 201]).toContain(status);
}

describe('weka-nodeagent run', () => {
  it('reports its node, answers each intent, and ends by SIGTERM', async () => {
    const [node] = rights.nodes;
    const { child, root, said, ended } = await started(node);
    const first = await until('the first report', async () => await reportOf(node));
    expect(first).toMatchObject({
      node,
      intentGeneration: 0,
      observed: { kernel: { release: '5.15.0-119-generic' } },
    });
    expect(first.intentRefused).toBeUndefined();

    await ask(node, { schemaVersion: 1, generation: 5 });
    await until('its answer', async () => (await reportOf(node))?.intentGeneration === 5);
    await writeFile(join(root, 'proc/sys/kernel/osrelease'), '6.8.0\n');
    await ask(node, { schemaVersion: 2, generation: 6, wipe: 'everything' });
    const refused = await until('its refusal', async () => {
      const report = await reportOf(node);
      return report?.intentRefused === undefined ? undefined : report;
    });
    expect(refused).toMatchObject({
      intentGeneration: 0,
      intentRefused: 'The intent is of version 2, and this agent knows version 1.',
      observed: { kernel: { release: '6.8.0' } },
    });
    await said('Goes by no intent');

    const { body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
    const { metadata } = JSON.parse(body) as { metadata: { managedFields: { manager: string }[] } };
    expect(metadata.managedFields.map(({ manager }) => manager)).toEqual(['weka-nodeagent']);

    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await said('"msg":"Ended"');
  });

  it('says why where it may not write, and goes on', async () => {
    // With the token of the first node, as one that was stolen from there.
    const [, other] = rights.nodes;
    const { child, said, ended } = await started(other);
    await said('the report of its own node only');
    expect(await reportOf(other)).toBeUndefined();
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('has to know where it is', async () => {
    const { ended, log } = await started('Node_A');
    expect(await ended).toEqual([2, null]);
    expect(log()).toContain('USAGE: NODE_NAME "Node_A" is no name of a node.');
  });
});
