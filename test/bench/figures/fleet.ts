import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeConfigMaps } from '../../../nodeagent/cluster/node-config-maps.ts';
import { openHost } from '../../../nodeagent/host/open-host.ts';
import { runAgent } from '../../../nodeagent/run/run-agent.ts';
import type { Connection } from '../../../reconciler/world/kubeapi/connection.ts';
import { APPLY_PATCH, KubeApi } from '../../../reconciler/world/kubeapi/kube-api.ts';
import { loadKubeConfig } from '../../../reconciler/world/kubeapi/load-kube-config.ts';
import { intentName } from '../../../schemas/node/config-maps.ts';
import { until } from '../../cluster/until.ts';
import { writeTree } from '../../nodeagent/write-tree.ts';
import { STORAGE_NODE, storageNodeInterfaces } from '../../nodeagent/storage-node.ts';
import { fastMaps, fastTime, NEVER_SILENT } from '../../support/fast-time.ts';
import { type Recording, recordHost, SimulatedHost } from '../../support/simulated-host.ts';
import { type AgentNode, AgentSite } from '../agent-site.ts';
import { type AuditedCall, isWrite } from '../audit.ts';
import type { Bed } from '../bed.ts';
import { processUsage } from '../process-usage.ts';
import { progress } from '../progress.ts';
import { type Row, rowOf } from '../row.ts';

/** So many agents, whose time passes so many times as fast, ask for as much as 3,000 do. */
const AGENTS = 100;
const FACTOR = 30;
const FLEET = 10_000;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** As long as connections are kept that nothing is asked on. */
const KEEP_ALIVE_MS = 30_000;
const USER_AGENT = 'weka-nodeagent-fleet/bench';

/** What 10,000 agents ask of the API server in an hour: the real ones, each over a host in memory. */
export async function fleetFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await AgentSite.open(bed, AGENTS);
  const quiet = await serverLoad(bed, 20_000);
  const fleet = await Fleet.start(site);
  try {
    // In the second hour watches end as evenly as ever after.
    const busy = await fleet.hour('busy', () => fleet.busy());
    const idle = await fleet.hour('idle', () => fleet.idle());
    return [...rowsOf('idle', idle, quiet), ...rowsOf('busy', busy, quiet)];
  } finally {
    await fleet.stop();
  }
}

interface Hour {
  readonly calls: readonly AuditedCall[];
  readonly seconds: number;
  /** CPU seconds of the API server in a second. */
  readonly load: number;
}

function rowsOf(name: string, { calls, seconds, load }: Hour, quiet: number): readonly Row[] {
  // Of the agents' hours, which are as long as time was fast.
  const nodeHours = (AGENTS * seconds * FACTOR) / 3600;
  const requests = calls.length / nodeHours;
  const writes = calls.filter(isWrite).length / nodeHours;
  const note = `${AGENTS} agents whose time is ${FACTOR} times as fast`;
  return [
    rowOf({ name: `${name} fleet: writes of a node in an hour`, unit: 'writes', values: [writes], note }),
    rowOf({ name: `${name} fleet: requests of a node in an hour`, unit: 'calls', values: [requests], note }),
    rowOf({
      name: `${name} fleet of 10,000: writes in an hour`,
      unit: 'writes',
      values: [writes * FLEET],
      note: 'those of a node, 10,000 times',
    }),
    rowOf({
      name: `${name} fleet of 10,000: requests in a second`,
      unit: 'calls',
      values: [(requests * FLEET) / 3600],
      note: 'those of a node in an hour, 10,000 times, in 3,600 s',
    }),
    rowOf({
      name: `${name} fleet of 10,000: CPU of the API server`,
      unit: '%',
      values: [Math.max(0, load - quiet) * 100 * (FLEET / (AGENTS * FACTOR))],
      note: `of one CPU, beyond the ${(quiet * 100).toFixed(1)} % without agents; as much as was used for ${AGENTS} x ${FACTOR}, ${(FLEET / (AGENTS * FACTOR)).toFixed(1)} times`,
    }),
  ];
}

class Fleet {
  readonly #site: AgentSite;
  readonly #hosts: readonly SimulatedHost[];
  /** Who asks something of the nodes. */
  readonly #reconciler: KubeApi;
  readonly #stop = new AbortController();
  #done: Promise<unknown> = Promise.resolve();

  static async start(site: AgentSite): Promise<Fleet> {
    const recording = await record();
    const hosts = site.nodes.map((_, index) => {
      const host = new SimulatedHost(recording);
      setFree(host, index);
      return host;
    });
    const { kubeconfig } = site.bed;
    const fleet = new Fleet(site, hosts, new KubeApi(await loadKubeConfig({ kubeconfig, env: {} }), 'bench'));
    fleet.#done = Promise.all(site.nodes.map(async (node, index) => await fleet.#run(node, index)));
    // What fails is thrown by `stop`.
    fleet.#done.catch(() => undefined);
    return fleet;
  }

  private constructor(site: AgentSite, hosts: readonly SimulatedHost[], reconciler: KubeApi) {
    this.#site = site;
    this.#hosts = hosts;
    this.#reconciler = reconciler;
  }

  async stop(): Promise<void> {
    this.#stop.abort(new Error('The bench is over.'));
    await this.#done;
    await this.#reconciler.close();
  }

  /** Lets an hour of the agents' time pass while `happen` is called for each of their minutes. */
  async hour(what: string, happen: () => Promise<void>): Promise<Hour> {
    const { bed, namespace } = this.#site;
    await until('all reports', async () => {
      const path = `/api/v1/namespaces/${namespace}/configmaps?limit=1000`;
      const { items } = await bed.cluster.api.json<{ items: { metadata: { name: string } }[] }>('GET', path);
      return items.filter(({ metadata }) => metadata.name.startsWith('weka-node-report-')).length === AGENTS;
    });
    await delay((5 * MINUTE) / FACTOR);
    await bed.audit.skip();
    const started = performance.now();
    let isOver = false;
    const happenings = (async () => {
      for (let minute = 1; !isOver; minute++) {
        await happen();
        await delay(Math.max(0, started + (minute * MINUTE) / FACTOR - performance.now()));
      }
    })();
    const load = await serverLoad(bed, HOUR / FACTOR);
    isOver = true;
    await happenings;
    const seconds = (performance.now() - started) / 1000;
    const lines = await bed.audit.callsOf(USER_AGENT);
    const calls = lines.filter(({ stage }) => stage !== 'ResponseStarted');
    progress(`${what}: ${calls.length} requests, ${calls.filter(isWrite).length} writes in`, seconds);
    return { calls, seconds, load };
  }

  /** What happens in a minute on nodes where nothing does: logs grow, and pods come and go. */
  async idle(): Promise<void> {
    for (const [index, host] of this.#hosts.entries()) {
      setFree(host, index);
      if (Math.random() < 0.1) host.set('text', '/sys/kernel/uevent_seqnum', `${Math.random()}`.slice(2));
    }
  }

  /** And on busy ones: every five minutes or so a mount of WEKA's, every ten another intent. */
  async busy(): Promise<void> {
    await this.idle();
    const asked: Promise<unknown>[] = [];
    for (const [index, host] of this.#hosts.entries()) {
      if (Math.random() < 1 / 5) {
        const mounts = Math.floor(Math.random() * 8);
        host.set('text', '/proc/wekafs/interface', `Active mounts: ${mounts}\n`);
      }
      if (Math.random() < 1 / 10) asked.push(this.#ask(this.#site.nodes[index]?.name ?? ''));
    }
    await Promise.all(asked);
  }

  async #ask(node: string): Promise<void> {
    const { namespace } = this.#site;
    const name = intentName(node);
    const generation = Math.floor(performance.now());
    const intent = { schemaVersion: 1, generation };
    await this.#reconciler.request('PATCH', `/api/v1/namespaces/${namespace}/configmaps/${name}`, {
      query: { fieldManager: 'weka-gitops', force: true },
      contentType: APPLY_PATCH,
      body: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace },
        data: { 'intent.json': JSON.stringify(intent) },
      },
    });
  }

  async #run({ name, token }: AgentNode, index: number): Promise<void> {
    const { bed, namespace } = this.#site;
    const api = new KubeApi(connection(bed, token), USER_AGENT);
    const host = this.#hosts[index];
    if (host === undefined) throw new Error(`There is no host for ${name}.`);
    try {
      await runAgent(
        {
          node: name,
          agentVersion: '0.1.0',
          host,
          maps: fastMaps(nodeConfigMaps(api, namespace, name), FACTOR),
          time: fastTime(FACTOR),
          random: Math.random,
          log: { info: () => undefined, warn: (fields, message) => console.error(message, fields) },
          times: NEVER_SILENT,
        },
        this.#stop.signal,
      );
    } finally {
      await api.close();
    }
  }
}

/** On each node another part of the disk is free, now a little more and now a little less. */
function setFree(host: SimulatedHost, index: number): void {
  const freeGiB = 100 + (900 * index) / AGENTS + Math.random();
  host.set('space', '/opt/k8s-weka', { totalBytes: 1100 * 1024 ** 3, freeBytes: freeGiB * 1024 ** 3 });
}

/** Connections are kept for as long as in the agents' time, so that as many are opened as in truth. */
function connection(bed: Bed, token: string): Connection {
  let tls = { ca: bed.cluster.authority };
  let usedAt = -Infinity;
  const credentials = async () => {
    const now = performance.now();
    if (now - usedAt > KEEP_ALIVE_MS / FACTOR) tls = { ...tls };
    usedAt = now;
    return { tls, headers: { authorization: `Bearer ${token}` } };
  };
  const server = new URL(bed.cluster.server);
  return {
    server,
    origin: 'the bench',
    namespace: undefined,
    proxy: undefined,
    credentials,
    renew: credentials,
  };
}

/** CPU seconds that the API server takes in a second, over so long. */
async function serverLoad(bed: Bed, ms: number): Promise<number> {
  const used = (): number => {
    const { pid } = bed.cluster.part('kube-apiserver');
    const usage = pid === undefined ? undefined : processUsage(pid);
    if (usage === undefined) throw new Error('The API server ended.');
    return usage.cpuSeconds;
  };
  const before = used();
  const started = performance.now();
  await delay(ms);
  return (used() - before) / ((performance.now() - started) / 1000);
}

/** What a storage node answers. */
async function record(): Promise<Recording> {
  const root = await mkdtemp(join(tmpdir(), 'weka-gitops-bench-host-'));
  try {
    await writeTree(root, STORAGE_NODE);
    return await recordHost(openHost({ root, machine: 'x86_64', interfaces: storageNodeInterfaces }));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
