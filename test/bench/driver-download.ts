import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { machine } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { RUNTIME, runtimeEnv } from '../../scripts/bundle.ts';
import { KubeApi, APPLY_PATCH } from '../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../reconciler/world/kubeapi/load-kube-config.ts';
import { unpackReport } from '../../nodeagent/node-report.ts';
import { INTENT_KEY, intentName, REPORT_KEY, reportName } from '../../schemas/node/config-maps.ts';
import type { DriversIntent, DriversReport } from '../../schemas/node/drivers.ts';
import { until } from '../cluster/until.ts';
import { DriverDist } from '../guest/driver-dist.ts';
import { packed } from '../guest/driver-packages.ts';
import { STORAGE_NODE } from '../nodeagent/storage-node.ts';
import { writeTree } from '../nodeagent/write-tree.ts';
import { type AgentNode, AgentSite } from './agent-site.ts';
import type { Bed } from './bed.ts';
import { processUsage } from './process-usage.ts';
import { progress } from './progress.ts';
import { type Row, rowOf } from './row.ts';

const RUNS = 3;
const BYTES = 200 * 1024 ** 2;

/**
 * The real agent brings 200 MB from the real service, to a node that is a folder: this machine may have no modules. What it brings is
 * no archive, so nothing is ever loaded.
 */
export async function downloadFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await AgentSite.open(bed, 1);
  const root = join(bed.folder, 'driver-root');
  await writeTree(root, STORAGE_NODE);
  const release = (await readFile(join(root, 'proc/sys/kernel/osrelease'), 'utf8')).trim();
  const dist = await DriverDist.start();
  const api = new KubeApi(await loadKubeConfig({ kubeconfig: bed.kubeconfig, env: {} }), 'bench');
  try {
    const runs: Run[] = [];
    for (let run = 1; run <= RUNS; run++) {
      const target = { version: `1.0.${run}`, kernel: release, architecture: machine() };
      const drivers = packed(target, randomBytes(BYTES));
      await dist.put(drivers);
      const from = [{ ...dist.source, url: `https://127.0.0.1:${dist.port}` }];
      const intent: DriversIntent = { package: drivers.package, from, owner: 'bench', replace: 'never' };
      runs.push(await download({ site, api, root }, intent, run));
    }
    return [
      rowOf({
        name: 'drivers: peak memory of an agent that downloads 200 MB',
        unit: 'MiB',
        values: runs.map(({ peakMiB }) => peakMiB),
        goal: { atMost: 90 },
        note: 'by TLS, verified; with a kubeconfig, which a pod has not',
      }),
      rowOf({
        name: 'drivers: 200 MB from the intent to the report',
        unit: 's',
        values: runs.map(({ seconds }) => seconds),
      }),
      rowOf({
        name: 'drivers: CPU of the agent for 200 MB',
        unit: 's',
        values: runs.map(({ cpuSeconds }) => cpuSeconds),
      }),
    ];
  } finally {
    await api.close();
    await dist.stop();
  }
}

interface Run {
  readonly peakMiB: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Place {
  readonly site: AgentSite;
  readonly api: KubeApi;
  /** Of the node. */
  readonly root: string;
}

async function download({ site, api, root }: Place, drivers: DriversIntent, run: number): Promise<Run> {
  const { bed, namespace } = site;
  const [node] = site.nodes;
  if (node === undefined) throw new Error('There is no node.');
  const state = join(bed.folder, `driver-state-${run}`);
  await mkdir(state);
  const agent = await startAgent(site, node, ['--root', root, '--state', state]);
  try {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const report = async () => {
      const { binaryData } = await bed.cluster.api.json<{ binaryData: Record<string, string> }>(
        'GET',
        `${maps}/${reportName(node.name)}`,
      );
      return unpackReport(Buffer.from(binaryData[REPORT_KEY] ?? '', 'base64'));
    };
    await until('its report', report);
    const before = usageOf(agent);
    const started = performance.now();
    const name = intentName(node.name);
    await api.request('PATCH', `${maps}/${name}`, {
      query: { fieldManager: 'weka-gitops', force: true },
      contentType: APPLY_PATCH,
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace },
        data: { [INTENT_KEY]: JSON.stringify({ schemaVersion: 1, generation: run, drivers }) },
      },
    });
    const isOver = ({ code, wanted }: DriversReport) =>
      code === 'BAD_PACKAGE' && wanted?.sha256 === drivers.package.sha256;
    await until(
      'the package is verified',
      async () => {
        const told = (await report())?.drivers;
        return told !== undefined && isOver(told);
      },
      { timeoutMs: 180_000, everyMs: 100 },
    );
    const seconds = (performance.now() - started) / 1000;
    const { peakMiB, cpuSeconds } = usageOf(agent);
    progress(`200 MB downloaded, ${peakMiB.toFixed(1)} MiB of memory`, seconds);
    return { peakMiB, seconds, cpuSeconds: cpuSeconds - before.cpuSeconds };
  } finally {
    const ended = once(agent, 'exit');
    if (agent.kill('SIGTERM')) await ended;
    await rm(state, { recursive: true, force: true });
  }
}

function usageOf({ pid }: ChildProcess) {
  const seen = pid === undefined ? undefined : processUsage(pid);
  if (seen === undefined) throw new Error('The agent ended.');
  return seen;
}

async function startAgent(
  { bed, namespace }: AgentSite,
  { name, token }: AgentNode,
  folders: readonly string[],
): Promise<ChildProcess> {
  const kubeconfig = join(bed.folder, `${name}-drivers.kubeconfig`);
  const cluster = {
    server: bed.cluster.server,
    'certificate-authority-data': Buffer.from(bed.cluster.authority).toString('base64'),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'bench', cluster }],
    users: [{ name: 'agent', user: { token } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'agent' } }],
    'current-context': 'bench',
  };
  await writeFile(kubeconfig, stringify(config), { mode: 0o600 });
  const args = ['run', '--kubeconfig', kubeconfig, '--namespace', namespace, '--listen', '', ...folders];
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
