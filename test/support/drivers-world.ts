import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { DriversLock } from '../../reconciler/core/drivers/lock.ts';
import type { KubeObject } from '../../reconciler/core/kube/object.ts';
import { DRIVERS_PATH, type DriverPackage, modulesFile } from '../../schemas/drivers/package.ts';
import type { DriverResult } from '../../schemas/drivers/result.ts';
import type { DriverTarget } from '../../schemas/drivers/target.ts';
import { INTENT_KEY, intentName } from '../../schemas/node/config-maps.ts';
import type { DriversReport } from '../../schemas/node/drivers.ts';
import type { NodeIntent } from '../../schemas/node-intent.ts';
import type { SharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { aReport, aReportMap } from '../reconciler/core/nodes/build-reports.ts';
import { startFaultServer } from './fault-server.ts';
import { anInstallation, type Installation } from './installation.ts';
import { installedReconciler } from './installed-account.ts';
import { settings } from './manifests.ts';
import { wekaNodes } from './weka-nodes.ts';

export const KERNEL = '6.8.0-45-generic';
export const BOOT = '6c1f6a4e-0000-4000-8000-00000000000d';

/** A package of modules for a target; another `content` has another digest. */
export function aPackage(target: DriverTarget, content = 'first'): DriverPackage {
  const sha256 = createHash('sha256')
    .update(`${content} ${JSON.stringify(target)}`)
    .digest('hex');
  return { ...target, file: modulesFile(target), sha256, bytes: 1000, layout: 'modules' };
}

/** What Ubuntu's kernel of the reports needs of a version. */
export function aTarget(version: string, kernel = KERNEL): DriverTarget {
  return { version, kernel, architecture: 'x86_64' };
}

/** A registry of driver packages, as small as one can be. */
export interface TestRegistry {
  readonly url: string;
  /** Packages by their file. */
  readonly packages: Map<string, DriverPackage>;
  /** Paths that were asked for. */
  readonly asked: string[];
}

export async function aRegistry(): Promise<TestRegistry> {
  const packages = new Map<string, DriverPackage>();
  const asked: string[] = [];
  const server = createServer(({ url = '', method }, response) => {
    asked.push(`${method} ${url}`);
    const file = url.slice(DRIVERS_PATH.length + 1).replace(/\.sha256$/, '');
    const found = packages.get(file);
    if (found === undefined) return void response.writeHead(404).end();
    if (url.endsWith('.sha256')) return void response.end(`${found.sha256}  ${file}\n`);
    response.writeHead(200, { 'content-length': String(found.bytes) }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, packages, asked };
}

/** An installation with agents of its own, nodes that report, and a registry. */
export interface DriversWorld extends Installation {
  readonly agentNamespace: string;
  readonly registry: TestRegistry;
  /** What its reads and writes go through. */
  readonly faults: Awaited<ReturnType<typeof startFaultServer>>;
  readonly service: string;
  /** Adds a node whose agent is ready and has reported; its name. */
  addNode(name: string): Promise<string>;
  removeNode(name: string): Promise<void>;
  /** The agent of a node reports; the headers of the kernel that runs where no others are named. */
  reports(node: string, drivers?: DriversReport, kernel?: string, headers?: readonly string[]): Promise<void>;
  /** The intent of a node; undefined where there is none. */
  intent(node: string): Promise<NodeIntent | undefined>;
  /** Pods of its namespace that work on drivers: their names, sorted. */
  works(): Promise<readonly string[]>;
  /** A kubelet has let a pod end so. */
  ended(pod: string, result: DriverResult): Promise<void>;
  /** The lock, as the cluster has it. */
  lock(): Promise<DriversLock['packages']>;
  get(...of: readonly string[]): Promise<KubeObject | undefined>;
  kubectl(args: readonly string[], input?: object): Promise<string>;
  /** Manifests: a cluster whose nodes want drivers of this version, and a policy that serves and builds them. */
  clusterFile(version: string, annotations?: Readonly<Record<string, string>>): string;
  policyFile(payload?: object): string;
  settingsFile(spec?: object): string;
}

/** Everything that it makes goes when the test has finished. */
export async function aDriversWorld(control: SharedCluster): Promise<DriversWorld> {
  const [installation, agentNamespace, registry, nodes, faults] = await Promise.all([
    anInstallation(control),
    control.namespace(),
    aRegistry(),
    wekaNodes(control),
    startFaultServer(control),
  ]);
  onTestFinished(() => faults.stop());
  const { namespace, systemNamespace } = installation;
  const name = systemNamespace.replace(/-system$/, '');
  const account = await installedReconciler(control, { name, namespace: systemNamespace, agentNamespace });
  onTestFinished(() => account.remove());
  const kubeconfig = await faults.kubeconfig(
    `${account.kubeconfig}-${randomBytes(3).toString('hex')}`,
    account,
  );
  const beside = installation.beside({
    kubernetes: { kubeconfig },
    installation: { name, namespace: systemNamespace, agentNamespace },
    ceilings: { driverRegistries: [registry.url] },
  });

  const kubectl = async (args: readonly string[], input?: object): Promise<string> => {
    const options = input === undefined ? {} : { input: JSON.stringify(input) };
    const { exitCode, stderr, stdout } = await control.kubectl(args, options);
    if (exitCode !== 0) throw new Error(stderr);
    return stdout;
  };
  const get = async (...of: readonly string[]): Promise<KubeObject | undefined> => {
    const text = await kubectl(['get', ...of, '--ignore-not-found', '-o', 'json', '--show-managed-fields']);
    return text === '' ? undefined : (JSON.parse(text) as KubeObject);
  };
  const apply = ['apply', '--server-side', '--force-conflicts', '--field-manager=test', '-f', '-'];
  const reports: DriversWorld['reports'] = async (node, drivers, kernel = KERNEL, headers = [kernel]) => {
    const observed = {
      bootId: BOOT,
      kernel: { release: kernel, build: '#45-Ubuntu SMP', architecture: 'x86_64' },
      os: { id: 'ubuntu', versionId: '22.04' },
      headers: [...headers],
    };
    const report = aReport(node, observed, drivers === undefined ? {} : { drivers });
    await kubectl(apply, aReportMap(node, report, agentNamespace));
  };
  const service = `https://drivers-dist.${namespace}.svc.cluster.local:60002`;
  const api = 'weka.weka.io/v1alpha1';
  return {
    ...beside,
    kubeconfig,
    agentNamespace,
    registry,
    faults,
    service,
    kubectl,
    get,
    reports,
    async addNode(short) {
      const node = await nodes.add(short);
      const status = { nodeInfo: { bootID: BOOT, kernelVersion: KERNEL, architecture: 'amd64' } };
      const patch = JSON.stringify({ status });
      await kubectl(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', patch]);
      await kubectl(['create', '-f', '-'], {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `agent-${node}`,
          namespace: agentNamespace,
          labels: { 'app.kubernetes.io/name': 'weka-nodeagent' },
        },
        spec: {
          nodeName: node,
          tolerations: [{ operator: 'Exists' }],
          containers: [{ name: 'agent', image: 'weka-gitops' }],
        },
      });
      await reports(node);
      await until(`the agent of ${node} is ready`, async () => {
        const pod = await get('pod', `agent-${node}`, '-n', agentNamespace);
        return JSON.stringify(pod?.['status'] ?? {}).includes('"type":"Ready"');
      });
      return node;
    },
    removeNode: (node) => nodes.remove(node),
    async intent(node) {
      const found = await get('configmap', intentName(node), '-n', agentNamespace);
      const text = (found?.['data'] as Readonly<Record<string, string>> | undefined)?.[INTENT_KEY];
      return text === undefined ? undefined : (JSON.parse(text) as NodeIntent);
    },
    async works() {
      const text = await kubectl(['get', 'pods', '-n', namespace, '-o', 'json']);
      const { items } = JSON.parse(text) as { items: KubeObject[] };
      return items
        .filter(({ metadata }) => metadata.annotations?.['weka-gitops.dev/driver-work'] !== undefined)
        .map(({ metadata }) => metadata.name)
        .toSorted();
    },
    async ended(pod, result) {
      const isGood = result.result !== 'failed';
      const terminated = { exitCode: isGood ? 0 : 1, message: JSON.stringify(result), reason: 'Completed' };
      const container = {
        name: 'weka-container',
        image: 'weka',
        imageID: 'weka',
        ready: false,
        restartCount: 0,
        state: { terminated },
      };
      // With an address no simulated kubelet begins it anew.
      const status = {
        phase: isGood ? 'Succeeded' : 'Running',
        podIP: '10.9.9.9',
        podIPs: [{ ip: '10.9.9.9' }],
        containerStatuses: [container],
      };
      const patch = JSON.stringify({ status });
      await kubectl([
        'patch',
        'pod',
        pod,
        '-n',
        namespace,
        '--subresource=status',
        '--type=merge',
        '-p',
        patch,
      ]);
    },
    async lock() {
      const found = await get('configmap', `${name}-drivers`, '-n', systemNamespace);
      const text = (found?.['data'] as Readonly<Record<string, string>> | undefined)?.['drivers.lock'];
      return text === undefined ? [] : (JSON.parse(text) as Pick<DriversLock, 'packages'>).packages;
    },
    clusterFile(version, annotations = {}) {
      return JSON.stringify({
        apiVersion: api,
        kind: 'WekaCluster',
        metadata: { name: 'demo', namespace, annotations },
        spec: {
          template: 'dynamic',
          image: `quay.io/weka.io/weka-in-container:${version}`,
          nodeSelector: nodes.onThem.nodeSelector,
          rawTolerations: nodes.onThem.tolerations,
          driversDistService: service,
        },
      });
    },
    policyFile(payload = {}) {
      return JSON.stringify({
        apiVersion: api,
        kind: 'WekaPolicy',
        metadata: { name: 'drivers', namespace },
        spec: {
          type: 'enable-local-drivers-distribution',
          image: 'quay.io/weka.io/weka-in-container:4.4.5',
          payload: { driverDistPayload: { nodeSelectors: [nodes.onThem.nodeSelector], ...payload } },
        },
      });
    },
    settingsFile: (spec = {}) => settings({ drivers: { registry: registry.url }, ...spec }),
  };
}

/** What an agent reports that has loaded a package. */
export function loadedReport(about: DriverPackage): DriversReport {
  const { version, sha256, kernel } = about;
  return {
    wanted: { version, sha256 },
    state: 'loaded',
    loaded: { version, sha256, kernel },
    modules: [{ name: 'wekafsio', state: 'loaded', version }],
    cached: [sha256],
  };
}

export function published(about: DriverPackage): DriverResult {
  return { schemaVersion: 1, result: 'published', package: about };
}

/**
 * Asks for the drivers of a cluster that a policy distributes, of which the registry has this package from the start: fetched, pinned,
 * and asked of the nodes that are there. Gives the pod that fetched it.
 */
export async function pinFromRegistry(world: DriversWorld, about: DriverPackage): Promise<string> {
  world.registry.packages.set(modulesFile(about), about);
  await world.repository.commit({
    'settings.yaml': world.settingsFile(),
    'policy.yaml': world.policyFile(),
    'cluster.yaml': world.clusterFile(about.version),
  });
  await world.run('reconcile');
  await world.run('reconcile');
  const [pod = ''] = await world.works();
  await world.ended(pod, published(about));
  await world.run('reconcile');
  return pod;
}
