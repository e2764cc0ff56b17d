import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ApiError } from '../cluster/api.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { findPrograms } from '../cluster/programs.ts';
import { lastLines, type Supervised, Supervisor } from '../cluster/supervisor.ts';
import { until } from '../cluster/until.ts';
import { type BuiltImage, builtImage } from '../image/built-image.ts';
import { assertRoot, insideRoot } from '../image/inside-root.ts';
import { debianRoot } from '../tools/debian/debian-root.ts';
import { cgroupsOf, withCgroups } from './cgroups.ts';
import { nodeFiles } from './node-files.ts';
import { freeLine, layLine, type Line } from './node-network.ts';
import { type Relay, startRelay } from './relay.ts';

const PACKAGES = [
  'base-files',
  'containerd',
  'containernetworking-plugins',
  'coreutils',
  'dash',
  'findutils',
  'iproute2',
  'iptables',
  'mount',
  'runc',
  'tar',
  'util-linux',
];

const PATIENCE = { timeoutMs: 120_000 };

/** What a node on this machine is made of. */
export interface KubeletParts {
  readonly root: string;
  readonly kubelet: string;
  readonly image: BuiltImage;
}

/** Builds what is not there yet. To be awaited at the top of a test file, where no timeout cuts it off. */
export async function kubeletParts(report: (line: string) => void = console.error): Promise<KubeletParts> {
  assertRoot('A node with a real kubelet');
  const root = await debianRoot({ name: 'kubelet', packages: PACKAGES, report });
  const { kubelet } = await findPrograms(['kubelet']);
  return { root, kubelet, image: await builtImage(report) };
}

/**
 * A node of a control plane: a real kubelet with containerd and runc, on this machine, in namespaces of its own. All of it ends
 * with the process that started it, even if that is killed.
 */
export class KubeletNode {
  readonly name: string;
  readonly address: string;
  /** The folder with the logs of its parts. */
  readonly logFolder: string;
  /** The name of the cgroups in which its pods are. */
  readonly cgroup: string;
  readonly #cluster: Cluster;
  readonly #supervisor: Supervisor;
  readonly #relay: Relay;

  /** Joins it to the control plane, and waits until it is Ready. */
  static async start(cluster: Cluster, parts: KubeletParts, name = freeName()): Promise<KubeletNode> {
    const supervisor = await Supervisor.start();
    const line = freeLine();
    const cgroup = `weka-gitops-${name}-${supervisor.pid}`;
    let relay: Relay | undefined;
    try {
      const first = await startNode({ cluster, parts, name, supervisor, line, cgroup });
      let end: string | undefined;
      void first.ended.then((how) => (end = how));
      await layLine(parts.root, line, first.pid);
      relay = await startRelay(line.gateway, Number(new URL(cluster.server).port));
      await writeFile(join(supervisor.folder, 'node/joined/api-server'), `${line.gateway}:${relay.port}`);
      await until(
        `${name} is Ready`,
        async () => end !== undefined || (await isReady(cluster, name)),
        PATIENCE,
      );
      if (end !== undefined) throw new Error(`The node ended, ${end}.`);
      return new KubeletNode(cluster, name, line.node, supervisor, relay, cgroup);
    } catch (error) {
      const logs = await logsOf(join(supervisor.folder, 'node/logs'));
      relay?.close();
      await supervisor.end();
      await untilNoCgroups(cgroup);
      throw new Error(`The node ${name} does not become Ready. Its last lines:\n${logs}`, { cause: error });
    }
  }

  private constructor(
    cluster: Cluster,
    name: string,
    address: string,
    supervisor: Supervisor,
    relay: Relay,
    cgroup: string,
  ) {
    this.name = name;
    this.address = address;
    this.cgroup = cgroup;
    this.logFolder = join(supervisor.folder, 'node/logs');
    this.#cluster = cluster;
    this.#supervisor = supervisor;
    this.#relay = relay;
  }

  /** What a container of a pod has printed, as its kubelet tells. */
  async logs(namespace: string, pod: string, container: string): Promise<string> {
    const url = `https://${this.address}:10250/containerLogs/${namespace}/${pod}/${container}`;
    // The certificate is one that the kubelet made for itself.
    const [response] = (await once(get(url, { rejectUnauthorized: false, agent: false }), 'response')) as [
      IncomingMessage,
    ];
    const answer = await text(response);
    if (response.statusCode !== 200) throw new Error(`${url}: ${response.statusCode} ${answer}`);
    return answer;
  }

  /** Ends all of it, and takes its pods and the node itself from the cluster. */
  async stop(): Promise<void> {
    this.#relay.close();
    await this.#supervisor.end();
    await untilNoCgroups(this.cgroup);
    const pods = `/api/v1/pods?fieldSelector=spec.nodeName%3D${this.name}`;
    const { items } = await this.#cluster.api.json<{ items: { metadata: Record<string, string> }[] }>(
      'GET',
      pods,
    );
    for (const { metadata } of items) {
      const path = `/api/v1/namespaces/${metadata['namespace']}/pods/${metadata['name']}`;
      // Nobody is left who could let it end by itself.
      await this.#remove(`${path}?gracePeriodSeconds=0`);
    }
    await this.#remove(`/api/v1/nodes/${this.name}`);
  }

  async #remove(path: string): Promise<void> {
    await this.#cluster.api.text('DELETE', path).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }
}

async function untilNoCgroups(name: string): Promise<void> {
  await until('the cgroups of the node are gone', () => cgroupsOf(name).length === 0);
}

function freeName(): string {
  return `kubelet-${randomBytes(3).toString('hex')}`;
}

interface NodePlan {
  readonly cluster: Cluster;
  readonly parts: KubeletParts;
  readonly name: string;
  readonly supervisor: Supervisor;
  readonly line: Line;
  readonly cgroup: string;
}

/** Starts its first process, which sets it up and waits for its network. */
async function startNode(plan: NodePlan): Promise<Supervised> {
  const { cluster, parts, name, supervisor, line, cgroup } = plan;
  const folder = join(supervisor.folder, 'node');
  const podNetwork = `10.${randomInt(128, 255)}.${randomInt(256)}.0/24`;
  const files = nodeFiles({
    address: line.node,
    podNetwork,
    cgroup: `/${cgroup}`,
    pauseReference: parts.image.pauseReference,
  });
  const kubeconfig = await cluster.kubeconfigFor({ user: `system:node:${name}`, groups: ['system:nodes'] });
  const inside = (await readFile(kubeconfig, 'utf8')).replace(cluster.server, 'https://10.96.0.1');
  for (const [path, content] of Object.entries({ ...files, kubeconfig: inside })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content, { mode: 0o600 });
  }
  for (const part of ['joined', 'logs', 'containerd', 'pods', 'kubelet', 'mounts'])
    await mkdir(join(folder, part));

  const command = insideRoot({
    root: parts.root,
    scratch: join(folder, 'mounts'),
    ownNetwork: true,
    binds: [
      { from: folder, to: '/node' },
      { from: join(folder, 'containerd'), to: '/var/lib/containerd' },
      { from: join(folder, 'kubelet'), to: '/var/lib/kubelet' },
      { from: join(folder, 'pods'), to: '/var/log/pods' },
      { from: parts.kubelet, to: '/usr/local/bin/kubelet' },
      { from: parts.image.ociLayout, to: '/images' },
      { from: '/etc/resolv.conf', to: '/etc/resolv.conf' },
    ],
    env: { NODE_NAME: name, NODE_ADDRESS: line.node, GATEWAY: line.gateway, POD_NETWORK: podNetwork },
    command: ['sh', '-eu', '/node/start.sh'],
  });
  const log = join(folder, 'logs/start.log');
  return supervisor.spawn({ ...withCgroups(cgroup, command), cwd: folder, env: process.env, log });
}

async function isReady(cluster: Cluster, name: string): Promise<boolean> {
  interface Node {
    readonly spec: { readonly taints?: readonly object[] };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }
  const { spec, status } = await cluster.api.json<Node>('GET', `/api/v1/nodes/${name}`);
  const ready = status.conditions?.some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  // Until the controller manager has seen that it is Ready, no pod is let onto it.
  return ready === true && spec.taints === undefined;
}

async function logsOf(folder: string): Promise<string> {
  const parts = ['start', 'import', 'containerd', 'kubelet'].filter((part) =>
    existsSync(join(folder, `${part}.log`)),
  );
  const lines = parts.map(async (part) => `${part}: ${await lastLines(join(folder, `${part}.log`), 6)}`);
  return (await Promise.all(lines)).join('\n');
}
