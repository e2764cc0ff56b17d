import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RUNTIME, runtimeEnv } from '../../../scripts/bundle.ts';
import { reportName } from '../../../schemas/node/config-maps.ts';
import { ApiError } from '../../cluster/api.ts';
import { until } from '../../cluster/until.ts';
import { type AgentNode, AgentSite } from '../agent-site.ts';
import { type AuditedCall, isWrite } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { spawnMeasured } from '../process.ts';
import { type ProcessUsage, processUsage } from '../process-usage.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';

const RUNS = 9;
const IDLE_RUNS = 3;
/** From the start on, more than that of which a pass is made all the same. */
const IDLE_MS = 90_000;

/** `weka-nodeagent` on this very host: looking once, starting, and doing nothing. */
export async function agentFigures(bed: Bed): Promise<readonly Row[]> {
  const observed = [];
  for (let run = 0; run < RUNS; run++) {
    const ended = await spawnMeasured(bed.agent, ['observe', '--node', 'node-00000'], {});
    if (ended.exitCode !== 0) throw new Error(`weka-nodeagent observe failed.\n${ended.stderr}`);
    observed.push(ended);
  }
  const site = await AgentSite.open(bed, IDLE_RUNS);
  const starts: Start[] = [];
  for (let run = 0; run < RUNS; run++) starts.push(await start(site));
  const idles = await Promise.all(site.nodes.map(async (node) => await idle(site, node)));
  return [
    rowOf({
      name: 'agent: observe, from start to end',
      unit: 'ms',
      values: observed.map(({ seconds }) => seconds * 1000),
      goal: { atMost: 150 },
      note: 'a process of its own that prints all there is of this host',
    }),
    rowOf({
      name: 'agent: observe, CPU',
      unit: 'ms',
      values: observed.map(({ cpuSeconds }) => cpuSeconds * 1000),
    }),
    rowOf({
      name: 'agent: start to first call',
      unit: 'ms',
      values: starts.map(({ firstCallMs }) => firstCallMs),
      goal: { atMost: 500 },
    }),
    rowOf({
      name: 'agent: start to report',
      unit: 'ms',
      values: starts.map(({ reportMs }) => reportMs),
      note: 'of which it waits 300 for what else happens',
    }),
    rowOf({
      name: 'agent: CPU from start to report',
      unit: 'ms',
      values: starts.map(({ cpuSeconds }) => cpuSeconds * 1000),
      note: 'counted in ticks of 10 ms',
    }),
    rowOf({
      name: 'agent: memory when idle',
      unit: 'MiB',
      values: idles.map(({ memoryMiB }) => memoryMiB),
      goal: { atMost: 70 },
      note: 'after its first report; with a kubeconfig, which a pod has not',
    }),
    rowOf({
      name: 'agent: peak memory',
      unit: 'MiB',
      values: idles.map(({ peakMiB }) => peakMiB),
    }),
    rowOf({
      name: 'agent: CPU when idle',
      unit: '%',
      values: idles.map(({ cpuPercent }) => cpuPercent),
      goal: { atMost: 0.1 },
      note: `of one CPU, over ${IDLE_MS / 1000} s; counted in ticks of 10 ms`,
    }),
  ];
}

interface Start {
  readonly firstCallMs: number;
  readonly reportMs: number;
  /** Until then. */
  readonly cpuSeconds: number;
}

/** By the API server's own clock. */
async function start(site: AgentSite): Promise<Start> {
  const { bed } = site;
  const node = site.nodes[0];
  if (node === undefined) throw new Error('There is no node.');
  const report = `/api/v1/namespaces/${site.namespace}/configmaps/${reportName(node.name)}`;
  await bed.cluster.api.text('DELETE', report).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 404)) throw error;
  });
  await bed.audit.skip();
  const startedAt = Date.now();
  const agent = await run(site, node);
  try {
    const calls: AuditedCall[] = [];
    await until('its report', async () => {
      calls.push(...(await bed.audit.callsOf('weka-nodeagent/')));
      return calls.some(isWrite);
    });
    const afterMs = (some: readonly AuditedCall[]) =>
      Math.min(...some.map((call) => Date.parse(call.requestReceivedTimestamp))) - startedAt;
    const cpuSeconds = usageOf(agent).cpuSeconds;
    return { firstCallMs: afterMs(calls), reportMs: afterMs(calls.filter(isWrite)), cpuSeconds };
  } finally {
    await stop(agent);
  }
}

interface Idle {
  readonly memoryMiB: number;
  readonly peakMiB: number;
  readonly cpuPercent: number;
}

async function idle(site: AgentSite, node: AgentNode): Promise<Idle> {
  const agent = await run(site, node);
  try {
    const report = `/api/v1/namespaces/${site.namespace}/configmaps/${reportName(node.name)}`;
    await until('its report', async () => await site.bed.cluster.api.json('GET', report));
    // What it did to start is no idleness.
    await delay(5000);
    const before = usageOf(agent);
    await delay(IDLE_MS);
    const after = usageOf(agent);
    const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
    progress(`${node.name}: ${after.nowMiB.toFixed(1)} MiB, CPU`, cpuSeconds);
    return {
      memoryMiB: after.nowMiB,
      peakMiB: after.peakMiB,
      cpuPercent: (cpuSeconds / (IDLE_MS / 1000)) * 100,
    };
  } finally {
    await stop(agent);
  }
}

function usageOf({ pid }: ChildProcess): ProcessUsage {
  const seen = pid === undefined ? undefined : processUsage(pid);
  if (seen === undefined) throw new Error('The agent ended.');
  return seen;
}

async function run({ bed, namespace }: AgentSite, { name, token }: AgentNode): Promise<ChildProcess> {
  const kubeconfig = join(bed.folder, `${name}.kubeconfig`);
  await writeFile(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'bench',
          cluster: {
            server: bed.cluster.server,
            'certificate-authority-data': Buffer.from(bed.cluster.authority).toString('base64'),
          },
        },
      ],
      users: [{ name: 'agent', user: { token } }],
      contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'agent' } }],
      'current-context': 'bench',
    }),
    { mode: 0o600 },
  );
  const args = ['run', '--kubeconfig', kubeconfig, '--namespace', namespace, '--listen', '127.0.0.1:0'];
  args.push('--state', `${kubeconfig}.state`);
  const child = spawn(process.execPath, [...RUNTIME.flags, bed.agent, ...args], {
    env: { ...runtimeEnv(bed.agent), PATH: process.env['PATH'], NODE_NAME: name },
    stdio: 'ignore',
  });
  // It may not outlive the bench, whatever ends that.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}

async function stop(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null) return;
  const ended = once(agent, 'exit');
  agent.kill('SIGTERM');
  await ended;
}
