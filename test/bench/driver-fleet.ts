import { gzipSync } from 'node:zlib';
import { modulesFile } from '../../schemas/drivers/package.ts';
import type { DriverTarget } from '../../schemas/drivers/target.ts';
import { INTENT_KEY, intentName, REPORT_KEY, reportName } from '../../schemas/node/config-maps.ts';
import type { DriversReport } from '../../schemas/node/drivers.ts';
import type { NodeIntent } from '../../schemas/node-intent.ts';
import { aReport, BOOT } from '../reconciler/core/nodes/build-reports.ts';
import { ApiError } from '../cluster/api.ts';
import { AGENT_NAMESPACE } from '../support/installed-account.ts';
import type { Bed } from './bed.ts';
import { progress } from './progress.ts';
import { type Row, rowOf } from './row.ts';
import { Site } from './site.ts';

const NODES = 100;
const MOST_PASSES = 10;
const KERNEL = '6.8.0-45-generic';
const VERSION = '4.4.5.118';
const SERVICE = 'http://192.0.2.1:60002';

/** How many passes it takes from a push until a hundred nodes have loaded a package that is ready. */
export async function driverFleetFigures(bed: Bed): Promise<readonly Row[]> {
  const site = await Site.open(bed, {
    installation: { agentNamespace: AGENT_NAMESPACE },
    ceilings: { driverRegistries: [SERVICE] },
  });
  const fleet = await Fleet.open(bed);
  try {
    await pinPackage(site);
    await site.write({ 'client.yaml': clientFile(site.namespace) });
    const seconds: number[] = [];
    let passes = 0;
    // A pass in which the reconciler has read that all are loaded is the last.
    for (let isOver = false; !isOver; passes++) {
      isOver = fleet.isLoaded;
      const pass = await site.run('reconcile');
      if (passes === MOST_PASSES) throw new Error(`${NODES} nodes are not loaded.\n${pass.stdout}`);
      seconds.push(pass.seconds);
      await fleet.obey();
    }
    progress(`${NODES} nodes loaded after ${passes} passes`, seconds[0]);
    return [
      rowOf({
        name: `drivers: passes until ${NODES} nodes have loaded a ready package`,
        unit: 'passes',
        values: [passes],
        goal: { atMost: 3 },
        note: 'the last reads that they have; agents are simulated',
      }),
      rowOf({
        name: `drivers: the pass that asks ${NODES} nodes`,
        unit: 's',
        values: [seconds[0] ?? Number.NaN],
        note: 'a process of its own',
      }),
    ];
  } finally {
    await fleet.close();
    await site.clear();
  }
}

/** As a service outside the cluster calls what a node with this system needs. */
const TARGET: DriverTarget = {
  version: VERSION,
  kernel: KERNEL,
  architecture: 'x86_64',
  buildId: 'ubuntu24.04',
};

const PACKAGE = {
  ...TARGET,
  file: modulesFile(TARGET),
  sha256: 'a'.repeat(64),
  bytes: 1_000_000,
  layout: 'modules',
} as const;

/** As a pass before has left it. */
async function pinPackage({ bed, namespace }: Site): Promise<void> {
  const origin = { kind: 'registry', url: `${SERVICE}/${PACKAGE.file}` };
  const packages = [{ service: SERVICE, package: PACKAGE, origin, commit: '0'.repeat(40) }];
  await bed.cluster.api.json('POST', `/api/v1/namespaces/${namespace}-system/configmaps`, {
    metadata: { name: `${namespace}-drivers` },
    data: { 'drivers.lock': JSON.stringify({ schemaVersion: 1, packages }) },
  });
}

function clientFile(namespace: string): string {
  return `apiVersion: weka.weka.io/v1alpha1
kind: WekaClient
metadata:
  name: clients
  namespace: ${namespace}
spec:
  image: quay.io/weka.io/weka-in-container:${VERSION}
  nodeSelector:
    bench: drivers
  driversDistService: ${SERVICE}
  joinIpPorts: ['192.0.2.2:14000']
`;
}

/** Nodes whose agents do at once what they are asked, and say so. */
class Fleet {
  readonly #bed: Bed;
  readonly #names = Array.from({ length: NODES }, (_, index) => `drivers-${String(index).padStart(5, '0')}`);
  readonly #told = new Map<string, string>();

  static async open(bed: Bed): Promise<Fleet> {
    const fleet = new Fleet(bed);
    const { api } = bed.cluster;
    await api.json('POST', '/api/v1/namespaces', { metadata: { name: AGENT_NAMESPACE } }).catch(unlessThere);
    await fleet.#forEach(async (name) => {
      const node = { metadata: { name, labels: { bench: 'drivers', 'kubernetes.io/os': 'linux' } } };
      await api.json('POST', '/api/v1/nodes', node);
      await api.json('PUT', `/api/v1/nodes/${name}/status`, { ...node, status: nodeStatus });
      const pods = `/api/v1/namespaces/${AGENT_NAMESPACE}/pods`;
      const pod = podOn(name);
      await api.json('POST', pods, pod);
      // Without one that is ready, nobody vouches for the report.
      await api.json('PUT', `${pods}/${name}/status`, { ...pod, status: podStatus });
      await fleet.#report(name, undefined);
    });
    return fleet;
  }

  private constructor(bed: Bed) {
    this.#bed = bed;
  }

  /** Whether every node has said that its drivers are loaded. */
  get isLoaded(): boolean {
    return this.#told.size === NODES;
  }

  /** Does what the intents ask. */
  async obey(): Promise<void> {
    await this.#forEach(async (name) => {
      const intent = await this.#intent(name);
      if (intent?.drivers === undefined) return;
      const { version, sha256, kernel } = intent.drivers.package;
      const drivers: DriversReport = {
        wanted: { version, sha256 },
        state: 'loaded',
        loaded: { version, sha256, kernel },
        modules: ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'].map((module) => ({
          name: module,
          state: 'loaded',
          version,
        })),
        cached: [sha256],
      };
      const says = JSON.stringify([intent.generation, drivers]);
      if (this.#told.get(name) === says) return;
      this.#told.set(name, says);
      await this.#report(name, drivers, intent.generation);
    });
  }

  async close(): Promise<void> {
    const { api } = this.#bed.cluster;
    await this.#forEach(async (name) => {
      await api.text('DELETE', `/api/v1/namespaces/${AGENT_NAMESPACE}/pods/${name}?gracePeriodSeconds=0`);
      await api.text('DELETE', `/api/v1/nodes/${name}`);
    });
    await api.text('DELETE', `/api/v1/namespaces/${AGENT_NAMESPACE}/configmaps`);
  }

  async #intent(node: string): Promise<NodeIntent | undefined> {
    const path = `/api/v1/namespaces/${AGENT_NAMESPACE}/configmaps/${intentName(node)}`;
    try {
      const { data } = await this.#bed.cluster.api.json<{ data: Record<string, string> }>('GET', path);
      return JSON.parse(data[INTENT_KEY] ?? '') as NodeIntent;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #report(node: string, drivers: DriversReport | undefined, intentGeneration = 0): Promise<void> {
    const path = `/api/v1/namespaces/${AGENT_NAMESPACE}/configmaps`;
    const rest = { intentGeneration, ...(drivers === undefined ? {} : { drivers }) };
    const packed = gzipSync(JSON.stringify(aReport(node, { modules: [] }, rest))).toString('base64');
    const object = { metadata: { name: reportName(node) }, binaryData: { [REPORT_KEY]: packed } };
    const { api } = this.#bed.cluster;
    await api.json('POST', path, object).catch(async (error: unknown) => {
      unlessThere(error);
      await api.json('PUT', `${path}/${reportName(node)}`, object);
    });
  }

  /** A few at a time. */
  async #forEach(work: (name: string) => Promise<void>): Promise<void> {
    const left = this.#names.values();
    const worker = async (): Promise<void> => {
      for (const name of left) await work(name);
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  }
}

const podStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

const nodeStatus = {
  conditions: [{ type: 'Ready', status: 'True', reason: 'Bench', message: 'Simulated.' }],
  nodeInfo: {
    machineID: '',
    systemUUID: '',
    bootID: BOOT,
    kernelVersion: KERNEL,
    osImage: 'Ubuntu 24.04 LTS',
    containerRuntimeVersion: 'containerd://2.0.0',
    kubeletVersion: 'v1.36.3',
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  },
};

function podOn(node: string): object {
  return {
    metadata: { name: node, labels: { 'app.kubernetes.io/name': 'weka-nodeagent' } },
    spec: {
      nodeName: node,
      // No kubelet tells that the node is well.
      tolerations: [{ operator: 'Exists' }],
      containers: [{ name: 'agent', image: 'weka-gitops' }],
    },
  };
}

function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 409)) throw error;
}
