import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import type { NodeReport } from '../../../schemas/node-report.ts';
import type { Installation } from '../../../schemas/output/installation.ts';
import type { NodeOutput } from '../../../schemas/output/node.ts';
import type { Plan } from '../../../schemas/output/plan.ts';
import type { Status } from '../../../schemas/output/status.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { until } from '../../cluster/until.ts';
import { builtImage } from '../../image/built-image.ts';
import { type GitServer, startGitServer } from '../../support/git-server.ts';
import { configMap } from '../../support/manifests.ts';
import { FIRST, SECOND } from '../driver-modules.ts';
import { BASE_IMAGE } from './base-image.ts';
import { ClusterDns, DNS_ADDRESS } from './cluster-dns.ts';
import { driverManifests, SERVICE } from './driver-manifests.ts';
import { type GuestNode, startGuestNode } from './guest-node.ts';
import { KubeletGate } from './kubelet-gate.ts';
import { type PodSeen, podsIn } from './pods-seen.ts';
import { type ConfiguredProgram, configuredProgram } from './program.ts';
import { ServiceRoute } from './service-route.ts';
import { wekaImages } from './weka-image.ts';

const IMAGE = 'weka-gitops.test/weka-gitops';
const AGENTS = 'weka-gitops-nodes';
const SYSTEM = 'weka-gitops-system';
const NODE = 'storage-a';
/** Emulated processors are slow, and slower where others work too. */
const PATIENT = { timeoutMs: 900_000, everyMs: 500 };

let gate: KubeletGate;
let cluster: ControlPlane;
let node: GuestNode;
let dns: ClusterDns;
let git: GitServer;
let folder: string;
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
    images: [
      ...['1', '2'].map((tag) => ({ name: `${IMAGE}:${tag}`, layout, reference })),
      ...(await wekaImages([FIRST, SECOND])),
    ],
    drives: ['WEKA-0001', 'WEKA-0002'].map((serial) => ({ serial, sizeMiB: 64 })),
    hugePages: 16,
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

describe('a guest as a node', () => {
  it('runs pods that reach the API server, and are reached through it', { timeout: 900_000 }, async () => {
    const words = 'echo hello from $HOSTNAME; exec sleep 6000';
    await run('visitor', 'default', ['sh', '-c', words]);
    const logged = async () => (await kubectl('logs', 'visitor')) === 'hello from visitor\n';
    await until('its log is read through the kubelet', logged, PATIENT);
    const reach = 'nc -w 20 10.96.0.1 443 </dev/null && echo reached';
    expect(await kubectl('exec', 'visitor', '--', 'sh', '-c', reach)).toBe('reached\n');
  });
});

describe('an installation', () => {
  it(
    'tells of a real node, has its drivers built, served, verified and loaded by nothing but a push and replaced once a person agrees, is upgraded and removed, and storage runs on',
    { timeout: 3_600_000 },
    async () => {
      const repository = await git.createRepository('storage');
      const app = configMap('weka', 'app', { k: 'v' });
      await repository.commit({ 'app.yaml': app, 'drivers.yaml': driverManifests(FIRST) });
      for (const namespace of ['weka', 'storage']) await kubectl('create', 'namespace', namespace);
      await run('demo-drive-0', 'storage');
      const storage = await podsIn(cluster, 'storage');
      // No registry is asked, so that packages are built.
      const ceilings = { driverRegistries: [] };
      const administrator = await configuredProgram({
        folder,
        name: 'administrator',
        kubeconfig: await cluster.kubeconfigFor({ user: 'administrator', groups: ['system:masters'] }),
        repository: repository.url.replace('127.0.0.1', '10.0.2.2'),
        ceilings,
      });
      const first = await install(administrator, `${IMAGE}:1`);
      reconciler = await configuredProgram({
        folder,
        name: 'reconciler',
        kubeconfig: await cluster.kubeconfigFor({ namespace: SYSTEM, serviceAccount: 'weka-gitops' }),
        repository: repository.url,
        image: `${IMAGE}:1`,
        ceilings,
      });

      const told = await until('the report tells all', tellsOfNode, PATIENT);
      const kernel = (await node.guest.output('uname', '-r')).trim();
      expect(told).toMatchObject({
        kernel,
        os: expect.stringMatching(/debian.* 12/i) as unknown,
        cpus: 2,
        hugePages: expect.arrayContaining([{ sizeKiB: 2048, total: 16, free: 16 }]) as unknown,
      });
      expect((await reconciler.run('status')).stdout).toContain(kernel);
      const serials = async () => (await reportedSerials()).join(' ') === 'WEKA-0001 WEKA-0002';
      await until('the report tells the serial numbers', serials, PATIENT);

      // The first pass is made by the installed CronJob, in a pod of the guest. What it begins, others may have to finish.
      await kubectl('create', 'job', '-n', SYSTEM, '--from=cronjob/weka-gitops', 'first-pass');
      const ended = ['-n', SYSTEM, 'job/first-pass', '-o', 'jsonpath={.status.conditions[*].type}'];
      const hasEnded = async () => /Complete|Failed/.test(await kubectl('get', ...ended));
      await until('the pass of the pod has ended', hasEnded, PATIENT);
      expect(await kubectl('logs', '-n', SYSTEM, 'job/first-pass')).toMatch(/^Drivers: 1 node/m);

      const route = await passUntil(
        'the distribution service runs',
        async () => await ServiceRoute.to(cluster, node, { namespace: 'weka', service: SERVICE }),
      );
      await route.block();
      const isBlocked = async () => (await report())?.drivers?.code === 'UNREACHABLE';
      await passUntil('the node cannot reach the service', isBlocked);
      const { message, hint } = (await report())!.drivers!;
      expect(message).toContain(`${SERVICE}.weka`);
      expect(hint).toMatch(/every NetworkPolicy lets nodes reach its port 60002/);
      const { stdout: explained } = await reconciler.run('explain', 'drivers');
      const words = explained.replaceAll(/\s+/g, ' ');
      expect(words).toContain(`${NODE} failed, UNREACHABLE: ${message}`);
      expect(words).toContain(hint);
      expect(await interfaceOf()).toBe('');
      await route.unblock();

      await passUntil('the drivers are loaded', async () => await saysLoaded(FIRST));
      expect(await loadedModules()).toEqual(['wekafsgw', 'wekafsio']);
      expect(await interfaceOf()).toContain(`Version: ${FIRST}`);
      expect((await reconciler.run('status')).stdout).toContain(FIRST);
      expect((await reconciler.run('plan')).stdout).toContain('loaded');

      const second = await install(administrator, `${IMAGE}:2`);
      expect(second.uid).not.toBe(first.uid);
      expect(await podsIn(cluster, 'storage')).toEqual(storage);
      expect(await runsAgent()).toBe(true);
      await until('the report of the new agent counts', tellsOfNode, PATIENT);
      expect(await saysLoaded(FIRST)).toBe(true);

      await repository.commit({ 'drivers.yaml': driverManifests(SECOND) });
      const awaited = await passUntil(
        'the plan asks for consent',
        async () => (await reconciler.json<Plan>('plan')).approvals[0],
      );
      expect(awaited).toMatchObject({ action: 'replace-drivers' });
      expect(await interfaceOf()).toContain(`Version: ${FIRST}`);
      await repository.commit({ [awaited.path]: awaited.file.replace('reason: ""', 'reason: upgrade') });
      await passUntil('the new drivers are loaded', async () => await saysLoaded(SECOND));
      expect(await interfaceOf()).toContain(`Version: ${SECOND}`);

      const removed = await administrator.run('uninstall', '--yes', '--wait', '600');
      expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await podsIn(cluster, AGENTS)).toEqual([]);
      await until('no agent runs', async () => !(await runsAgent()), PATIENT);
      expect(await podsIn(cluster, 'storage')).toEqual(storage);
      expect(await interfaceOf()).toContain(`Version: ${SECOND}`);
    },
  );
});

/** What kubectl prints for an administrator, which has to succeed. */
async function kubectl(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await cluster.kubectl(args);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Starts a pod on the node. */
async function run(name: string, namespace: string, command: readonly string[] = []): Promise<void> {
  await cluster.api.json('POST', `/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name },
    spec: {
      nodeName: NODE,
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: BASE_IMAGE, ...(command.length > 0 && { command }) }],
    },
  });
  await kubectl('wait', '-n', namespace, '--for=condition=Ready', `pod/${name}`, '--timeout=300s');
}

/** Installs or upgrades, by a CronJob whose time does not come soon. Gives the agent's pod, which is ready. */
async function install(administrator: ConfiguredProgram, image: string): Promise<PodSeen> {
  const never = ['--serverless', '--schedule', '0 0 29 2 *'];
  const args = ['install', ...never, '--image', image, '--wait', '600'];
  const { notReady } = await administrator.json<Installation>(...args);
  expect(notReady).toEqual([]);
  const [agent, ...others] = await podsIn(cluster, AGENTS);
  expect(others).toEqual([]);
  expect(agent).toMatchObject({ image });
  return agent!;
}

/** Makes passes until that is so; each but the first once the pods there or the node's report are other than before. */
async function passUntil<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
): Promise<Answer> {
  const pass = async () => {
    const before = await seen();
    await reconciler.run('reconcile');
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    const isNew = async () => (await seen()) !== before;
    // Some things are due by the clock alone.
    await until('there is news', isNew, { timeoutMs: 30_000, everyMs: 500 }).catch(() => {});
    return undefined;
  };
  return await until(what, pass, PATIENT);
}

async function seen(): Promise<string> {
  interface Pods {
    readonly items: readonly { readonly metadata: { readonly uid: string }; readonly status: object }[];
  }
  const { items } = await cluster.api.json<Pods>('GET', '/api/v1/namespaces/weka/pods');
  const pods = items.map(({ metadata: { uid }, status }) => [uid, status]);
  return JSON.stringify([pods, (await report())?.drivers]);
}

async function tellsOfNode(): Promise<NodeOutput | undefined> {
  const { nodes } = await reconciler.json<Status>('status');
  const told = nodes?.nodes.find(({ name, state }) => name === NODE && state === 'told');
  // What a starved machine does not answer in time is told by a later report.
  const isWhole = told?.os !== undefined && told.hugePages?.every(({ total }) => total !== undefined);
  return isWhole === true ? told : undefined;
}

/** The report, as it is in the cluster. */
async function report(): Promise<NodeReport | undefined> {
  const path = `/api/v1/namespaces/${AGENTS}/configmaps/weka-node-report-${NODE}`;
  const { binaryData } = await cluster.api.json<{ binaryData: Record<string, string> }>('GET', path);
  return unpackReport(Buffer.from(binaryData['report.json.gz'] ?? '', 'base64'));
}

async function reportedSerials(): Promise<readonly unknown[]> {
  const devices = (await report())?.observed.blockDevices;
  return devices !== undefined && isKnown(devices) ? devices.flatMap(({ serial }) => serial ?? []) : [];
}

/** Whether the node has this version, and all who are asked say so. */
async function saysLoaded(version: string): Promise<boolean> {
  if (!(await interfaceOf()).includes(version)) return false;
  const { drivers } = await reconciler.json<{ drivers?: unknown }>('status');
  const said = JSON.stringify(drivers ?? {});
  return said.includes('"loaded"') && said.includes(version);
}

/** What the loaded drivers say of themselves; nothing where there are none. */
async function interfaceOf(): Promise<string> {
  return (await node.guest.run('cat', ['/proc/wekafs/interface'])).stdout;
}

async function loadedModules(): Promise<readonly string[]> {
  const loaded = (await node.guest.output('cat', '/proc/modules'))
    .split('\n')
    .map((line) => line.split(' ')[0]);
  return ['wekafsgw', 'wekafsio', 'mpin_user', 'igb_uio'].filter((name) => loaded.includes(name));
}

/** Whether there is a process of it in the guest. */
async function runsAgent(): Promise<boolean> {
  return (await node.guest.output('ps', '-eo', 'args')).includes('weka-nodeagent.mjs run');
}
