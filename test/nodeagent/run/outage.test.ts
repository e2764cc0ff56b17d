import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type NodeConfigMaps, nodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { Health } from '../../../nodeagent/run/health.ts';
import { type AgentParts, runAgent } from '../../../nodeagent/run/run-agent.ts';
import { ApiError } from '../../../reconciler/world/kubeapi/errors.ts';
import { KubeApi } from '../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../reconciler/world/kubeapi/load-kube-config.ts';
import { sharedCluster } from '../../cluster/shared.ts';
import { until } from '../../cluster/until.ts';
import { fastMaps, fastTime, NEVER_SILENT } from '../../support/fast-time.ts';
import { startFaultServer } from '../../support/fault-server.ts';
import { agentRights, type AgentRights } from '../../support/node-agent-rights.ts';
import { type Recording, recordHost, SimulatedHost } from '../../support/simulated-host.ts';
import { fakeHost, fakeRoot } from '../fake-root.ts';
import { ManualTime } from '../manual-time.ts';
import { tokenOf } from '../token-of.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../storage-node.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const cluster = await sharedCluster();
let rights: AgentRights;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
});

async function recorded(): Promise<Recording> {
  return await recordHost(fakeHost(await fakeRoot(STORAGE_NODE), { interfaces: storageNodeInterfaces }));
}

/** Runs an agent until the test has finished. */
function begin(parts: Omit<AgentParts, 'agentVersion' | 'log'> & Partial<AgentParts>): void {
  const stop = new AbortController();
  const log = { info: () => undefined, warn: () => undefined };
  const done = runAgent({ agentVersion: '0.1.0', log, ...parts }, stop.signal);
  onTestFinished(async () => {
    stop.abort(new Error('Ended.'));
    await done;
  });
}

describe('an agent whose API server goes away', () => {
  it('for an hour asks seldom, is not ready, and tells what is so by then once it is back', async () => {
    const FACTOR = 600;
    const [node] = rights.nodes;
    const server = await startFaultServer(cluster);
    const root = await fakeRoot({});
    const kubeconfig = await server.kubeconfig(join(root, 'kubeconfig'), {
      token: await tokenOf(rights.kubeconfig),
    });
    let tries = 0;
    const api = new KubeApi(await loadKubeConfig({ kubeconfig, env: {} }), 'agent', () => void (tries += 1));
    onTestFinished(async () => {
      await api.close();
      await server.stop();
    });
    const host = new SimulatedHost(await recorded());
    const time = fastTime(FACTOR);
    const health = new Health(time);
    begin({
      node,
      host,
      maps: fastMaps(nodeConfigMaps(api, rights.namespace, node), FACTOR),
      time,
      random: Math.random,
      health,
      times: { ...NEVER_SILENT, pulseEveryMs: MINUTE, watchForMs: 24 * HOUR },
    });
    const told = async () => {
      const { body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
      const { binaryData = {} } = JSON.parse(body) as { binaryData?: Record<string, string> };
      return unpackReport(Buffer.from(binaryData['report.json.gz'] ?? '', 'base64'))?.observed.kernel;
    };
    await until('the report', async () => (await told()) !== undefined);

    await server.refuseConnections();
    const before = tries;
    const away = time.now();
    await until('it is not ready', () => health.waits().length > 0);
    host.set('text', '/proc/sys/kernel/osrelease', '6.1.0\n');
    await until('an hour has passed', () => time.now() >= away + HOUR);
    // Each wait is twice as long: 9 tries within 5 minutes, then one in 2.5 to 5. A machine that is busy makes fewer, and later.
    const passed = time.now() - away;
    expect(tries - before).toBeLessThan(12 + passed / (2.5 * MINUTE));
    await until('it has tried on', () => tries - before > 8);
    await until('it does not hang', () => health.stuck().length === 0);

    host.set('text', '/proc/sys/kernel/osrelease', '6.2.0\n');
    await server.acceptConnections();
    const kernel = await until('its news', async () => {
      const seen = await told();
      return JSON.stringify(seen).includes('5.15') ? undefined : seen;
    });
    expect(kernel).toMatchObject({ release: '6.2.0' });
    await until('it is ready', () => health.waits().length === 0);
  });
});

/** Stands for the API server of a whole fleet, where it is about how much it is asked, and when. */
class FleetServer {
  readonly #time: ManualTime;
  readonly asked: number[] = [];
  readonly reported = new Map<string, number>();
  readonly #cuts = new Set<() => void>();
  isAway = false;

  constructor(time: ManualTime) {
    this.#time = time;
  }

  cut(): void {
    for (const cut of this.#cuts) cut();
  }

  maps(node: string): NodeConfigMaps {
    let held: { packed: Uint8Array; version: string } | undefined;
    const ask = (): void => {
      this.asked.push(this.#time.now());
      if (this.isAway) throw new ApiError('API_UNREACHABLE', 'The API server cannot be reached.');
    };
    return {
      readIntent: async () => {
        ask();
        return { seen: { state: 'none' }, version: undefined };
      },
      watchIntent: async (_seconds, signal) => {
        ask();
        const ended = Promise.withResolvers<never>();
        const cut = () => ended.reject(new ApiError('API_UNAVAILABLE', 'The connection was cut.'));
        this.#cuts.add(cut);
        signal.addEventListener('abort', cut);
        ended.promise.catch(() => this.#cuts.delete(cut));
        return (async function* () {
          yield await ended.promise;
        })();
      },
      readReport: async () => {
        ask();
        return held;
      },
      writeReport: async (packed) => {
        ask();
        held = { packed, version: 'any' };
        this.reported.set(node, this.#time.now());
        return held.version;
      },
    };
  }
}

describe('ten thousand agents', () => {
  /** As many are run; each stands for some more. */
  const RUN = 250;
  const FLEET = 10_000;

  async function fleet() {
    const time = new ManualTime();
    const server = new FleetServer(time);
    const recording = await recorded();
    const hosts = Array.from({ length: RUN }, () => new SimulatedHost(recording));
    for (const [index, host] of hosts.entries()) {
      begin({
        node: `node-${index}`,
        host,
        maps: server.maps(`node-${index}`),
        time,
        random: Math.random,
        // What the hosts do is told here, and by nothing else.
        times: { ...NEVER_SILENT, pulseEveryMs: 24 * HOUR, slowEveryMs: 20 * MINUTE },
      });
    }
    const pass = async (ms: number) => await time.pass(ms, async () => await setImmediate());
    /** Requests of the whole fleet in a second, in the ten seconds since then that had most of them. */
    const most = (since: number): number => {
      const windows = new Map<number, number>();
      for (const at of server.asked.filter((each) => each >= since)) {
        const window = Math.floor((at - since) / (10 * SECOND));
        windows.set(window, (windows.get(window) ?? 0) + 1);
      }
      return (Math.max(...windows.values()) / 10) * (FLEET / RUN);
    };
    await pass(2 * MINUTE);
    expect(server.reported.size).toBe(RUN);
    return { time, server, hosts, pass, most };
  }

  it('that lose their watches at one moment ask the API server at most 800 times a second', async () => {
    const { time, server, pass, most } = await fleet();
    const since = time.now();
    server.cut();
    await pass(3 * MINUTE);
    expect(most(since)).toBeLessThan(800);
    // Each opened its watch again, and read its intent and its report.
    expect(server.asked.filter((at) => at >= since)).toHaveLength(3 * RUN);
  });

  it('that waited for an API server for an hour do not come back at once, and have all told their news minutes later', async () => {
    const { time, server, hosts, pass, most } = await fleet();
    server.isAway = true;
    server.cut();
    await pass(HOUR - MINUTE);
    for (const host of hosts) host.set('text', '/proc/sys/kernel/osrelease', '6.1.0\n');
    const last = time.now();
    await pass(MINUTE);
    // While it is away, they ask it less than they would if it were there.
    expect(most(last)).toBeLessThan(100);
    server.isAway = false;
    const since = time.now();
    await pass(10 * MINUTE);
    expect(most(since)).toBeLessThan(800);
    expect([...server.reported.values()].every((at) => at >= since)).toBe(true);
  });
});
