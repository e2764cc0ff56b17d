import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { NodeReport } from '../../../schemas/node-report.ts';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { agentRights, type AgentRights } from '../../support/node-agent-rights.ts';
import { fakeRoot } from '../fake-root.ts';
import { tokenOf } from '../token-of.ts';
import { STORAGE_NODE } from '../storage-node.ts';

const MAIN = fileURLToPath(new URL('../../../nodeagent/main.ts', import.meta.url));

const cluster = await sharedCluster();
let rights: AgentRights;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
});

/** The program itself, under the rights and with the token that it is installed with, over the files of a storage node. */
async function started(node: string, kubeconfig = rights.kubeconfig, listen = '127.0.0.1:0') {
  const { namespace } = rights;
  const root = await fakeRoot(STORAGE_NODE);
  const args = ['run', '--root', root, '--kubeconfig', kubeconfig, '--namespace', namespace];
  args.push('--listen', listen, '--state', join(root, 'state'));
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
  const probe = async (page: string) => {
    await said('Answers probes');
    const port = /"port":(\d+),"msg":"Answers probes"/.exec(log)?.[1];
    const response = await fetch(`http://127.0.0.1:${port}${page}`);
    return { status: response.status, text: await response.text() };
  };
  return { child, root, said, ended, probe, log: () => log };
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

/** Path of a kubeconfig with the token of an agent's pod on that node. */
async function kubeconfigOn(node: string): Promise<string> {
  const { namespace } = rights;
  const pod = { apiVersion: 'v1', kind: 'Pod', name: `agent-on-${node}` };
  const { metadata } = await cluster.api.json<{ metadata: { uid: string } }>(
    'POST',
    `/api/v1/namespaces/${namespace}/pods`,
    {
      metadata: { name: pod.name },
      spec: {
        nodeName: node,
        serviceAccountName: 'agent',
        containers: [{ name: 'agent', image: 'weka-gitops' }],
      },
    },
  );
  const { status } = await cluster.api.json<{ status: { token: string } }>(
    'POST',
    `/api/v1/namespaces/${namespace}/serviceaccounts/agent/token`,
    { spec: { boundObjectRef: { ...pod, uid: metadata.uid } } },
  );
  const config = await readFile(rights.kubeconfig, 'utf8');
  const path = `${rights.kubeconfig}.${node}`;
  await writeFile(path, config.replace(await tokenOf(rights.kubeconfig), status.token), { mode: 0o600 });
  return path;
}

describe('weka-nodeagent run', () => {
  it('ends with exit code 2 where another answers the probes that are meant for it', async () => {
    const [node] = rights.nodes;
    const other = createServer();
    await once(other.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const { ended, log } = await started(node, rights.kubeconfig, `127.0.0.1:${port}`);
    expect(await ended).toEqual([2, null]);
    expect(log()).toContain(
      `LISTEN: Probes cannot be answered at 127.0.0.1:${port}: another process listens there.`,
    );
    expect(log()).toContain('hint: Give each agent');
  });

  it('reports its node, answers each intent, and ends by SIGTERM', async () => {
    const [node] = rights.nodes;
    const { child, root, said, ended, probe } = await started(node);
    const first = await until('the first report', async () => await reportOf(node));
    expect(first).toMatchObject({
      node,
      intentGeneration: 0,
      observed: { kernel: { release: '5.15.0-119-generic' } },
    });
    expect(first.intentRefused).toBeUndefined();

    await until('it is ready', async () => (await probe('/readyz')).status === 200);
    expect(await probe('/livez')).toEqual({ status: 200, text: 'ok\n' });

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
    const { child, said, ended, probe } = await started(other);
    await said('the report of its own node only');
    const { status, text } = await probe('/readyz');
    expect({ status, text }).toEqual({ status: 503, text: expect.stringContaining('own node only') });
    expect(await probe('/livez')).toMatchObject({ status: 200 });
    expect(await reportOf(other)).toBeUndefined();
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('reports a node that was given another name under that, and leaves the report of the old one as it is', async () => {
    const [before, after] = rights.nodes;
    const first = await started(before);
    await until('its report', async () => await reportOf(before));
    first.child.kill('SIGTERM');
    await first.ended;
    const old = await rights.reconciler('GET', rights.path(`weka-node-report-${before}`));

    const second = await started(after, await kubeconfigOn(after));
    const report = await until('the report of the new name', async () => await reportOf(after));
    expect(report).toMatchObject({ node: after, observed: { bootId: expect.any(String) } });
    // It may not be touched by the agent, and counts for no node: there is none of that name any more.
    expect(await rights.reconciler('GET', rights.path(`weka-node-report-${before}`))).toEqual(old);
    second.child.kill('SIGTERM');
    await second.ended;
  });

  it('has to know where it is', async () => {
    const { ended, log } = await started('Node_A');
    expect(await ended).toEqual([2, null]);
    expect(log()).toContain('USAGE: NODE_NAME "Node_A" is no name of a node.');
  });
});
