import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { NodeReport } from '../../schemas/node-report.ts';
import { descendants, isRunning } from '../cluster/processes.ts';
import { scratchFolder, script } from '../cluster/scratch.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { cgroupsOf } from './cgroups.ts';
import { KubeletNode, kubeletParts } from './kubelet-node.ts';

const cluster = await sharedCluster();
// No timeout cuts off a first build here.
const parts = await kubeletParts();

const settingsBefore = await settings();

describe('a node with a real kubelet', () => {
  let node: KubeletNode;
  beforeAll(async () => {
    node = await KubeletNode.start(cluster, parts);
  }, 180_000);
  afterAll(async () => {
    await node?.stop();
  }, 60_000);

  it('runs the reconciler as nobody, who has no rights and can write nothing', async () => {
    const printed = await outputOf(node, {
      args: ['--version'],
      securityContext: {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
      },
    });
    expect(printed).toBe(`weka-gitops ${packageJson.version}\n`);
  });

  it('runs the agent, which tells what the machine is by the root of it that is mounted', async () => {
    const printed = await outputOf(
      node,
      {
        command: ['weka-nodeagent'],
        args: ['observe', '--root', '/host', '--node', node.name, '--output', 'json'],
        securityContext: {
          capabilities: { drop: ['ALL'], add: ['DAC_READ_SEARCH'] },
          readOnlyRootFilesystem: true,
          runAsUser: 0,
        },
        volumeMounts: [{ name: 'host', mountPath: '/host', readOnly: true }],
      },
      {
        hostNetwork: true,
        hostPID: true,
        volumes: [{ name: 'host', hostPath: { path: '/', type: 'Directory' } }],
      },
    );
    const { node: name, observed } = NodeReport.parse(JSON.parse(printed));
    expect(name).toBe(node.name);
    const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    expect(JSON.stringify(observed)).toContain(bootId.trim());
    const { status } = await cluster.api.json<{ status: { nodeInfo: { bootID: string } } }>(
      'GET',
      `/api/v1/nodes/${node.name}`,
    );
    expect(status.nodeInfo.bootID).toBe(bootId.trim());
  });

  it('lets a pod ask the API server by its service', async () => {
    const script = `
      const { readFileSync } = await import('node:fs');
      const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8');
      const answer = await fetch('https://10.96.0.1/apis', { headers: { authorization: 'Bearer ' + token } });
      console.log(answer.status);`;
    const printed = await outputOf(node, {
      command: ['node', '--input-type=module', '--eval', script],
      env: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' }],
    });
    expect(printed).toBe('200\n');
  });

  it('sets and mounts nothing of the machine', async () => {
    expect(await settings()).toEqual(settingsBefore);
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(dirname(node.logFolder));
  });
});

/** What a kubelet sets where it is alone on a machine. */
async function settings(): Promise<readonly string[]> {
  const names = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops'];
  return Promise.all(names.map((name) => readFile(`/proc/sys/${name}`, 'utf8')));
}

describe('nothing is left of a node', () => {
  it('when the process that started it is killed', async () => {
    const here = (file: string) => JSON.stringify(join(import.meta.dirname, file));
    const program = `
      import { Cluster } from ${here('../cluster/cluster.ts')};
      import { KubeletNode } from ${here('kubelet-node.ts')};
      const cluster = new Cluster(${JSON.stringify(cluster.address)});
      const node = await KubeletNode.start(cluster, ${JSON.stringify(parts)});
      console.log(JSON.stringify({ name: node.name, address: node.address, logFolder: node.logFolder, cgroup: node.cgroup }));
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void starter.kill('SIGKILL'));
    let line = '';
    for await (line of createInterface({ input: starter.stdout })) break;
    const { name, address, logFolder, cgroup } = JSON.parse(line) as Record<string, string>;
    onTestFinished(async () => void (await cluster.kubectl(['delete', 'node', name!])));
    const held = descendants(starter.pid!);
    const gateway = address!.replace(/\d+$/, (last) => String(Number(last) - 1));
    expect(held.length).toBeGreaterThan(3);
    expect(cgroupsOf(cgroup!).length).toBeGreaterThan(0);
    expect(addresses()).toContain(gateway);

    starter.kill('SIGKILL');
    const patience = { timeoutMs: 30_000 };
    await until('its processes are gone', () => !held.some(isRunning), patience);
    await until('its cgroups are gone', () => cgroupsOf(cgroup!).length === 0, patience);
    await until('its line is gone', () => !addresses().includes(gateway), patience);
    await until('its folder is gone', () => !existsSync(logFolder!), patience);
  }, 180_000);

  it('when it does not become Ready, of which its last lines tell', async () => {
    const broken = {
      ...parts,
      kubelet: await script(join(await scratchFolder(), 'kubelet'), 'echo no work today', 'exit 3'),
    };
    const name = `broken-${randomBytes(3).toString('hex')}`;
    await expect(KubeletNode.start(cluster, broken, name)).rejects.toThrow(
      new RegExp(`^The node ${name} does not become Ready\\. Its last lines:\n[^]*kubelet: no work today$`),
    );
    const left = readdirSync('/sys/fs/cgroup').flatMap((entry) => {
      const folder = join('/sys/fs/cgroup', entry);
      return statSync(folder).isDirectory() ? readdirSync(folder) : [];
    });
    expect(left.filter((entry) => entry.includes(name))).toEqual([]);
  }, 180_000);
});

function addresses(): readonly (string | undefined)[] {
  return Object.values(networkInterfaces())
    .flat()
    .map((found) => found?.address);
}

/** What a pod of the image printed on a node. It has to succeed. */
async function outputOf(node: KubeletNode, container: object, pod: object = {}): Promise<string> {
  const namespace = await cluster.namespace();
  const manifest = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'tried', namespace },
    spec: {
      nodeName: node.name,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'tried', image: parts.image.reference, imagePullPolicy: 'Never', ...container }],
      ...pod,
    },
  };
  await cluster.api.json('POST', `/api/v1/namespaces/${namespace}/pods`, manifest);
  const ended = await until('the pod has ended', async () => {
    interface Pod {
      readonly status: { readonly phase?: string };
    }
    const { status } = await cluster.api.json<Pod>('GET', `/api/v1/namespaces/${namespace}/pods/tried`);
    return (status.phase === 'Succeeded' || status.phase === 'Failed') && status;
  });
  const printed = await node.logs(namespace, 'tried', 'tried');
  expect({ phase: ended.phase, printed }).toEqual({ phase: 'Succeeded', printed });
  return printed;
}
