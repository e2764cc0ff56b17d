import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../../schemas/output/plan.ts';
import type { Installation } from '../../../schemas/output/installation.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { until } from '../../cluster/until.ts';
import { builtImage } from '../../image/built-image.ts';
import type { GitRepository } from '../../support/git-repository.ts';
import { type GitServer, startGitServer } from '../../support/git-server.ts';
import { FIRST, SECOND } from '../driver-modules.ts';
import { ClusterDns, DNS_ADDRESS } from './cluster-dns.ts';
import { type GuestNode, startGuestNode } from './guest-node.ts';
import { KubeletGate } from './kubelet-gate.ts';
import { type ConfiguredProgram, configuredProgram } from './program.ts';
import { imageName, wekaImages } from './weka-image.ts';

const IMAGE = 'weka-gitops.test/weka-gitops:1';
const AGENTS = 'weka-gitops-nodes';
const SYSTEM = 'weka-gitops-system';
const NODE = 'storage-a';
const SERVICE = 'drivers-dist';
/** Emulated processors are slow, and slower where others work too. */
const PATIENT = { timeoutMs: 900_000, everyMs: 1000 };

let gate: KubeletGate;
let cluster: ControlPlane;
let node: GuestNode;
let dns: ClusterDns;
let git: GitServer;
let folder: string;
let repository: GitRepository;
let reconciler: ConfiguredProgram;

beforeAll(async () => {
  folder = await scratchFolder(afterAll);
  const { ociLayout: layout, reference } = await builtImage();
  gate = await KubeletGate.open();
  cluster = await startControlPlane({ flags: { 'kube-apiserver': gate.flags } });
  git = await startGitServer();
  node = await startGuestNode(cluster, {
    name: NODE,
    gate,
    images: [{ name: IMAGE, layout, reference }, ...(await wekaImages([FIRST, SECOND]))],
    // A builder asks for 3000 MB.
    memoryMiB: 6144,
    labels: { 'weka.io/supports-clients': 'true' },
    kubelet: { clusterDNS: [DNS_ADDRESS], clusterDomain: 'cluster.local' },
    showLogsOf: AGENTS,
  });
  dns = await ClusterDns.serve(cluster, node);
}, 1_800_000);

let failed = false;
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

afterAll(async () => {
  await node?.guest.end({ failed });
  await dns?.[Symbol.asyncDispose]();
  await cluster?.stop();
  await git?.stop();
  await gate?.close();
});

describe('drivers of a node', () => {
  it(
    'are built, served, verified and loaded by nothing but a push, and replaced once a person agrees',
    { timeout: 3_600_000 },
    async () => {
      await kubectl('create', 'namespace', 'weka');
      repository = await git.createRepository('storage');
      await repository.commit({ 'drivers.yaml': manifests(FIRST) });
      const url = repository.url;
      const administrator = await configuredProgram({
        folder,
        name: 'administrator',
        kubeconfig: await cluster.kubeconfigFor({ user: 'administrator', groups: ['system:masters'] }),
        repository: url.replace('127.0.0.1', '10.0.2.2'),
      });
      const never = ['--serverless', '--schedule', '0 0 29 2 *'];
      const { notReady } = await administrator.json<Installation>(
        'install',
        ...never,
        '--image',
        IMAGE,
        '--wait',
        '600',
      );
      expect(notReady).toEqual([]);
      reconciler = await configuredProgram({
        folder,
        name: 'reconciler',
        kubeconfig: await cluster.kubeconfigFor({ namespace: SYSTEM, serviceAccount: 'weka-gitops' }),
        repository: url,
        image: IMAGE,
      });

      // The first pass is made by the installed CronJob, in a pod of the guest. What it begins, others may have to finish.
      await kubectl('create', 'job', '-n', SYSTEM, '--from=cronjob/weka-gitops', 'first-pass');
      const ended = ['-n', SYSTEM, 'job/first-pass', '-o', 'jsonpath={.status.conditions[*].type}'];
      const hasEnded = async () => /Complete|Failed/.test(await kubectl('get', ...ended));
      await until('the pass of the pod has ended', hasEnded, PATIENT);
      expect(await kubectl('logs', '-n', SYSTEM, 'job/first-pass')).toMatch(/^Drivers: 1 node/m);

      await until(
        'the service of the policy is there',
        async () => {
          await reconciler.run('reconcile');
          return await clusterIp();
        },
        PATIENT,
      );
      await serveService();

      await until('the drivers are loaded', async () => await passLoads(FIRST), PATIENT);
      expect(await loadedModules()).toEqual(['wekafsgw', 'wekafsio']);
      expect(await node.guest.output('cat', '/proc/wekafs/interface')).toContain(`Version: ${FIRST}`);
      expect((await reconciler.run('status')).stdout).toContain(FIRST);
      expect((await reconciler.run('plan')).stdout).toContain('loaded');

      await repository.commit({ 'drivers.yaml': manifests(SECOND) });
      const awaited = await until(
        'the plan asks for consent',
        async () => {
          await reconciler.run('reconcile');
          return (await reconciler.json<Plan>('plan')).approvals[0];
        },
        PATIENT,
      );
      expect(awaited).toMatchObject({ action: 'replace-drivers' });
      expect(await node.guest.output('cat', '/proc/wekafs/interface')).toContain(`Version: ${FIRST}`);
      await repository.commit({
        'drivers.yaml': manifests(SECOND),
        [awaited.path]: awaited.file.replace('reason: ""', 'reason: upgrade'),
      });
      await until('the new drivers are loaded', async () => await passLoads(SECOND), PATIENT);
      expect(await node.guest.output('cat', '/proc/wekafs/interface')).toContain(`Version: ${SECOND}`);
    },
  );
});

function manifests(version: string): string {
  return `apiVersion: weka.weka.io/v1alpha1
kind: WekaPolicy
metadata: { name: drivers, namespace: weka }
spec:
  type: enable-local-drivers-distribution
  image: ${imageName(FIRST)}
  payload:
    driverDistPayload:
      distResources: { requests: { cpu: 100m, memory: 128M }, limits: { memory: 512M } }
---
apiVersion: weka.weka.io/v1alpha1
kind: WekaClient
metadata: { name: clients, namespace: weka }
spec:
  image: ${imageName(version)}
  driversDistService: https://${SERVICE}.weka.svc.cluster.local:60002
  nodeSelector: { weka.io/supports-clients: 'true' }
  joinIpPorts: ['10.0.0.1:14000']
---
apiVersion: weka-gitops.dev/v1
kind: Settings
metadata: { name: test }
spec:
  drivers: { registry: 'http://127.0.0.1:9' }
`;
}

/** One pass, and whether the node has loaded this version. */
async function passLoads(version: string): Promise<boolean> {
  await reconciler.run('reconcile');
  const { drivers } = await reconciler.json<{ drivers?: unknown }>('status');
  const said = JSON.stringify(drivers ?? {});
  return said.includes('"loaded"') && said.includes(version) && (await interfaceOf()).includes(version);
}

async function interfaceOf(): Promise<string> {
  return (await node.guest.run('cat', ['/proc/wekafs/interface'])).stdout;
}

async function loadedModules(): Promise<readonly string[]> {
  const loaded = (await node.guest.output('cat', '/proc/modules'))
    .split('\n')
    .map((line) => line.split(' ')[0]);
  return ['wekafsgw', 'wekafsio', 'mpin_user', 'igb_uio'].filter((name) => loaded.includes(name));
}

async function clusterIp(): Promise<string | undefined> {
  const path = `/api/v1/namespaces/weka/services/${SERVICE}`;
  interface Service {
    readonly spec: { readonly clusterIP?: string };
  }
  return (await cluster.api.json<Service>('GET', path).catch(() => undefined))?.spec.clusterIP;
}

/** In place of kube-proxy: packets to the Service go to the one pod that there is. */
async function serveService(): Promise<void> {
  interface Pods {
    readonly items: readonly { readonly status: { readonly podIP?: string; readonly phase: string } }[];
  }
  const [ip, to] = await until(
    'the distribution service runs',
    async () => {
      const { items } = await cluster.api.json<Pods>(
        'GET',
        `/api/v1/namespaces/weka/pods?labelSelector=app%3D${SERVICE}`,
      );
      const running = items.find(({ status }) => status.phase === 'Running' && status.podIP !== undefined);
      const service = await clusterIp();
      return running?.status.podIP !== undefined && service !== undefined && [service, running.status.podIP];
    },
    PATIENT,
  );
  for (const chain of ['PREROUTING', 'OUTPUT']) {
    const match = ['-d', `${ip}/32`, '-p', 'tcp', '--dport', '60002'];
    await node.guest.output(
      'iptables',
      '-t',
      'nat',
      '-A',
      chain,
      ...match,
      '-j',
      'DNAT',
      '--to-destination',
      `${to}:60002`,
    );
  }
}

/** What kubectl prints for an administrator, which has to succeed. */
async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}
