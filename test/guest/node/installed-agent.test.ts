import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unpackReport } from '../../../nodeagent/node-report.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import type { Installation } from '../../../schemas/output/installation.ts';
import type { NodeOutput } from '../../../schemas/output/node.ts';
import type { Status } from '../../../schemas/output/status.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { scratchFolder } from '../../cluster/scratch.ts';
import { until } from '../../cluster/until.ts';
import { builtImage } from '../../image/built-image.ts';
import { type GitServer, startGitServer } from '../../support/git-server.ts';
import { configMap } from '../../support/manifests.ts';
import { BASE_IMAGE } from './base-image.ts';
import { type GuestNode, startGuestNode } from './guest-node.ts';
import { KubeletGate } from './kubelet-gate.ts';
import { type PodSeen, podsIn } from './pods-seen.ts';
import { type ConfiguredProgram, configuredProgram } from './program.ts';

const IMAGE = 'weka-gitops.test/weka-gitops';
const AGENTS = 'weka-gitops-nodes';
const SYSTEM = 'weka-gitops-system';
const NODE = 'storage-a';
/** Emulated processors are slow, and slower where others work too. */
const PATIENT = { timeoutMs: 600_000, everyMs: 250 };

let gate: KubeletGate;
let cluster: ControlPlane;
let node: GuestNode;
let git: GitServer;
let folder: string;

beforeAll(async () => {
  folder = await scratchFolder(afterAll);
  const { ociLayout: layout, reference } = await builtImage();
  gate = await KubeletGate.open();
  cluster = await startControlPlane({ flags: { 'kube-apiserver': gate.flags } });
  git = await startGitServer();
  node = await startGuestNode(cluster, {
    name: NODE,
    gate,
    images: ['1', '2'].map((tag) => ({ name: `${IMAGE}:${tag}`, layout, reference })),
    drives: ['WEKA-0001', 'WEKA-0002'].map((serial) => ({ serial, sizeMiB: 64 })),
    hugePages: 16,
    showLogsOf: AGENTS,
  });
}, 1_800_000);

let failed = false;
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});

afterAll(async () => {
  await node?.guest.end({ failed });
  await cluster?.stop();
  await git?.stop();
  await gate?.close();
});

describe('a guest as a node', () => {
  it('runs pods that reach the API server, and are reached through it', { timeout: 900_000 }, async () => {
    const words = 'echo hello from $HOSTNAME; exec sleep 600';
    await run('visitor', 'default', ['sh', '-c', words]);
    const logged = async () => (await kubectl('logs', 'visitor')) === 'hello from visitor\n';
    await until('its log is read through the kubelet', logged, PATIENT);
    const reach = 'nc -w 20 10.96.0.1 443 </dev/null && echo reached';
    expect(await kubectl('exec', 'visitor', '--', 'sh', '-c', reach)).toBe('reached\n');
  });
});

describe('an installation', () => {
  it(
    'tells of a real node, is upgraded and removed, and storage runs on',
    { timeout: 1_800_000 },
    async () => {
      const repository = await git.createRepository('storage');
      await repository.commit({ 'app.yaml': configMap('weka', 'app', { k: 'v' }) });
      await kubectl('create', 'namespace', 'weka');
      await run('demo-drive-0', 'weka');
      const storage = await podsIn(cluster, 'weka');
      const administrator = await configuredProgram({
        folder,
        name: 'administrator',
        kubeconfig: await cluster.kubeconfigFor({ user: 'administrator', groups: ['system:masters'] }),
        repository: repository.url.replace('127.0.0.1', '10.0.2.2'),
      });
      const first = await install(administrator, `${IMAGE}:1`);

      const reconciler = await configuredProgram({
        folder,
        name: 'reconciler',
        kubeconfig: await cluster.kubeconfigFor({ namespace: SYSTEM, serviceAccount: 'weka-gitops' }),
        repository: repository.url,
      });
      const told = await until('the report tells all', async () => await tellsOfNode(reconciler), PATIENT);
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

      const second = await install(administrator, `${IMAGE}:2`);
      expect(second.uid).not.toBe(first.uid);
      expect(await podsIn(cluster, 'weka')).toEqual(storage);
      expect(await runsAgent()).toBe(true);
      await until('the report of the new agent counts', async () => await tellsOfNode(reconciler), PATIENT);

      const removed = await administrator.run('uninstall', '--yes', '--wait', '600');
      expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await podsIn(cluster, AGENTS)).toEqual([]);
      await until('no agent runs', async () => !(await runsAgent()), PATIENT);
      expect(await podsIn(cluster, 'weka')).toEqual(storage);
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

async function tellsOfNode(reconciler: ConfiguredProgram): Promise<NodeOutput | undefined> {
  const { nodes } = await reconciler.json<Status>('status');
  const told = nodes?.nodes.find(({ name, state }) => name === NODE && state === 'told');
  // What a starved machine does not answer in time is told by a later report.
  const isWhole = told?.os !== undefined && told.hugePages?.every(({ total }) => total !== undefined);
  return isWhole === true ? told : undefined;
}

/** Serial numbers in the report, as it is in the cluster. */
async function reportedSerials(): Promise<readonly unknown[]> {
  const path = `/api/v1/namespaces/${AGENTS}/configmaps/weka-node-report-${NODE}`;
  const { binaryData } = await cluster.api.json<{ binaryData: Record<string, string> }>('GET', path);
  const report = unpackReport(Buffer.from(binaryData['report.json.gz'] ?? '', 'base64'));
  const devices = report?.observed.blockDevices;
  return devices !== undefined && isKnown(devices) ? devices.flatMap(({ serial }) => serial ?? []) : [];
}

/** Whether there is a process of it in the guest. */
async function runsAgent(): Promise<boolean> {
  return (await node.guest.output('ps', '-eo', 'args')).includes('weka-nodeagent.mjs run');
}
