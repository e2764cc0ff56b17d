import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import type { Fault } from '../../support/fault-rules.ts';
import { type FaultServer, startFaultServer } from '../../support/fault-server.ts';
import { agentRights, type AgentRights } from '../../support/node-agent-rights.ts';
import { fakeRoot } from '../fake-root.ts';
import { tokenOf } from '../token-of.ts';
import { STORAGE_NODE } from '../storage-node.ts';

const MAIN = fileURLToPath(new URL('../../../nodeagent/main.ts', import.meta.url));

const cluster = await sharedCluster();
let rights: AgentRights;
let server: FaultServer;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
  server = await startFaultServer(cluster);
  afterAll(async () => await server.stop());
});

/** An agent over a storage node that reaches the API server through the proxy with the token that it is installed with. */
async function site() {
  const [node] = rights.nodes;
  const root = await fakeRoot(STORAGE_NODE);
  const kubeconfig = await server.kubeconfig(join(root, 'kubeconfig'), {
    token: await tokenOf(rights.kubeconfig),
  });
  await cluster.api.json('DELETE', rights.path(`weka-node-report-${node}`)).catch(() => undefined);
  server.requests.length = 0;
  const start = (env: Readonly<Record<string, string>> = {}): ChildProcess => {
    const args = ['run', '--root', root, '--kubeconfig', kubeconfig, '--namespace', rights.namespace];
    const child = spawn(process.execPath, [MAIN, ...args, '--listen', '', '--state', join(root, 'state')], {
      env: { PATH: process.env['PATH'], NODE_NAME: node, ...env },
      stdio: 'ignore',
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const report = async () => {
    const { status, body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
    if (status !== 200) return undefined;
    const { binaryData, metadata } = JSON.parse(body) as {
      readonly binaryData: Readonly<Record<string, string>>;
      readonly metadata: { readonly resourceVersion: string };
    };
    const packed = Buffer.from(binaryData['report.json.gz'] ?? '', 'base64');
    return { version: metadata.resourceVersion, report: unpackReport(packed) };
  };
  return { root, start, report };
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const writes = () =>
  server.requests.filter(({ method, fault }) => method === 'PATCH' && fault !== 'hold').length;

/** An agent that runs until it has nothing more to do: it follows its intent, and has looked at its report. */
async function atRest(): Promise<void> {
  await until('the agent is at rest', () => {
    const since = server.requests.findLastIndex(({ url }) => url.includes('watch=true'));
    const asked = server.requests.slice(since);
    const looked = asked.findIndex(({ method, url, answered }) => {
      return method === 'GET' && url.includes('weka-node-report-') && answered;
    });
    return since !== -1 && looked !== -1 && asked.every(({ answered }) => answered);
  });
}

const STEPS = ['opens the watch', 'reads the intent', 'reads the report', 'writes the report'];
const BEFORE: Fault = { do: 'hold' };
const AFTER: Fault = { do: 'mute', afterBytes: 0 };

describe('an agent that is killed', () => {
  it.each(
    STEPS.flatMap((step, at) => [
      { when: 'before', step, at, fault: BEFORE },
      { when: 'after', step, at, fault: AFTER },
    ]),
  )(
    '$when it $step leaves what the next one makes whole, and nothing is written twice',
    async ({ at, fault }) => {
      const { start, report } = await site();
      const remove = server.rules.add({ after: at, times: 1, fault });
      const first = start();
      await until('it is where it dies', () => {
        const asked = server.requests[at];
        return asked !== undefined && (fault === BEFORE || asked.answered);
      });
      await killed(first);
      remove();
      server.requests.splice(
        0,
        server.requests.length,
        ...server.requests.filter(({ method }) => method === 'PATCH'),
      );

      const second = start();
      await until('the report', async () => (await report())?.report !== undefined);
      await atRest();
      expect(writes()).toBe(1);
      expect(await report()).toMatchObject({
        report: { observed: { kernel: { release: '5.15.0-119-generic' } } },
      });
      await killed(second);
    },
  );

  it('by a clock that is an hour off writes the same, and so nothing', async () => {
    const { start, report } = await site();
    const first = start();
    const before = await until('the report', report);
    await killed(first);
    server.requests.length = 0;

    const shift =
      'const now = Date.now; Date.now = () => now() - 3_600_000; const Real = Date; globalThis.Date = class extends Real { constructor(...given) { super(...(given.length === 0 ? [Date.now()] : given)); } };';
    const second = start({ NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` });
    await atRest();
    expect(writes()).toBe(0);
    expect(await report()).toEqual(before);
    await killed(second);
  });
});
