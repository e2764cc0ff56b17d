import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Host } from '../../../nodeagent/host/host.ts';
import { Patience } from '../../../nodeagent/host/patience.ts';
import { nodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { Health } from '../../../nodeagent/run/health.ts';
import { runAgent } from '../../../nodeagent/run/run-agent.ts';
import { KubeApi } from '../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../reconciler/world/kubeapi/load-kube-config.ts';
import type { NodeReport } from '../../../schemas/node-report.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { fastMaps, fastTime, NEVER_SILENT } from '../../support/fast-time.ts';
import { agentRights, type AgentRights } from '../../support/node-agent-rights.ts';
import { recordHost, SimulatedHost } from '../../support/simulated-host.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import type { Tree } from '../write-tree.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

/** A minute passes in a tenth of a second. */
const FACTOR = 600;

const cluster = await sharedCluster();
let rights: AgentRights;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
});

async function simulated(tree: Tree = STORAGE_NODE): Promise<SimulatedHost> {
  return new SimulatedHost(
    await recordHost(fakeHost(await fakeRoot(tree), { interfaces: storageNodeInterfaces })),
  );
}

/** An agent of that host under the rights that it is installed with; counts what it writes. */
async function running(host: Host) {
  const [node] = rights.nodes;
  const api = new KubeApi(await loadKubeConfig({ kubeconfig: rights.kubeconfig, env: {} }));
  const maps = fastMaps(nodeConfigMaps(api, rights.namespace, node), FACTOR);
  const time = fastTime(FACTOR);
  const health = new Health(time);
  const log: string[] = [];
  let writes = 0;
  let bytes = 0;
  const stop = new AbortController();
  const done = runAgent(
    {
      node,
      agentVersion: '0.1.0',
      host,
      maps: {
        ...maps,
        writeReport: async (packed, ...args) => {
          const version = await maps.writeReport(packed, ...args);
          writes += 1;
          bytes = packed.length;
          return version;
        },
      },
      time,
      random: Math.random,
      log: { info: () => undefined, warn: (_, message) => void log.push(message) },
      health,
      times: { ...NEVER_SILENT, pulseEveryMs: 60_000, slowEveryMs: 60_000 },
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort(new Error('Ended.'));
    await done;
    await api.close();
  });
  const told = async (): Promise<NodeReport['observed']> => {
    const { body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
    const { binaryData = {} } = JSON.parse(body) as { binaryData?: Record<string, string> };
    const report = unpackReport(Buffer.from(binaryData['report.json.gz'] ?? '', 'base64'));
    if (report === undefined) throw new Error(body);
    return report.observed;
  };
  await until('its report', () => writes > 0);
  return { health, told, log, writes: () => writes, bytes: () => bytes, time };
}

describe('the agent of a host', () => {
  it.each([
    ['just about what the cluster takes is told whole', 3000, 'known'],
    ['more than the cluster takes is told but for its largest part', 4000, 'unknown'],
  ] as const)('of which %s', async (_, count, expected) => {
    const host = await simulated();
    const names = Array.from({ length: count }, (_each, index) => `sd${index}`);
    host.set(
      'list',
      '/sys/block',
      names.map((name) => ({ name, path: `/sys/block/${name}` })),
    );
    for (const name of names) {
      host.set('link', `/sys/block/${name}`, `/sys/devices/pci0000:80/${name}`);
      host.set('text', `/sys/block/${name}/size`, '8\n');
      host.set('text', `/sys/block/${name}/device/serial`, randomBytes(120).toString('hex'));
      host.set('text', `/sys/block/${name}/device/model`, randomBytes(120).toString('base64'));
    }
    const { told, health, log, bytes } = await running(host);
    await until('it is ready', () => health.waits().length === 0);
    const { blockDevices, kernel } = await told();
    expect(kernel).toMatchObject({ release: '5.15.0-119-generic' });
    // In few words, since it is long where the test fails.
    const known = isKnown(blockDevices) ? `${blockDevices.length} disks` : blockDevices.unknown;
    expect(known).toMatch(
      expected === 'known'
        ? /^3000 disks$/
        : /^The report of node \S+ has 1?\d{3} KiB packed, more than the 900 KiB that a ConfigMap takes\.$/,
    );
    if (expected === 'known') expect(bytes()).toBeGreaterThan(800 * 1024);
    expect(log).toEqual([]);
  });

  it('that never answers something tells the rest, says so, and does so once', async () => {
    const host = await simulated();
    const patience = new Patience(20);
    const never = new Promise<never>(() => undefined);
    host.space = async (path) => await patience.wait(path, async () => await never);
    host.late = () => patience.late;
    const { told, writes, time, health } = await running(host);
    const seen = await told();
    const unknown = { unknown: '/opt/k8s-weka did not answer within 0.02 s.' };
    expect(seen.persistence).toMatchObject({ fileSystem: 'xfs', totalGiB: unknown, freeGiB: unknown });
    expect(seen.kernel).toMatchObject({ release: '5.15.0-119-generic' });
    const end = time.now() + 10 * 60_000;
    await until('ten more minutes', () => time.now() > end);
    expect(writes()).toBe(1);
    expect(health.stuck()).toEqual([]);
  });

  it('that has hostile names tells them as they are, and the API server takes them', async () => {
    const hostile = `"; $(touch x) '\\\n\u0001\u001b[2J\u202e,é\u{1F4A9}`;
    const { told } = await running(
      await simulated({
        ...STORAGE_NODE,
        [`/sys/block/${hostile}/size`]: '2\n',
        [`/sys/block/${hostile}/device/serial`]: `${hostile}\n`,
        [`/sys/block/${hostile}/device/model`]: Uint8Array.of(0xff, 0xfe, 0x41, 0xc3, 0x28),
        [`/sys/class/net/${hostile}/type`]: '1\n',
        [`/proc/wekafs/${hostile}/interface`]: 'Active mounts: 2\n',
      }),
    );
    const { blockDevices, networkInterfaces, wekaMounts } = await told();
    expect(blockDevices).toContainEqual(
      expect.objectContaining({ name: hostile, serial: hostile, model: '\uFFFD\uFFFDA\uFFFD(' }),
    );
    expect(networkInterfaces).toContainEqual(expect.objectContaining({ name: hostile }));
    expect(wekaMounts).toContainEqual({ interface: hostile, active: 2 });
  });
});
