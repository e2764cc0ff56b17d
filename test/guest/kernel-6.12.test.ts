import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackReport } from '../../nodeagent/node-report.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { agentRights, type AgentRights } from '../support/node-agent-rights.ts';
import { startAgentGuest } from './agent-guest.ts';
import type { Guest } from './guest.ts';
import { afterAllTests } from './has-failed.ts';
import { firstReport, observe } from './observe.ts';

const HOUR_MS = 3_600_000;

const cluster = await sharedCluster();
let rights: AgentRights;
let guest: Guest;

/** A machine as unlike the other tests' as can be: a newer and locked kernel, hyper-threading, NUMA and an IOMMU. */
beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
  const [node] = rights.nodes;
  guest = await startAgentGuest({
    kernel: '6.12',
    agent: {
      // By TLS, as from a real node.
      kubeconfig: (await readFile(rights.kubeconfig, 'utf8')).replace('127.0.0.1', '10.0.2.2'),
      namespace: rights.namespace,
      node,
    },
    drives: [{ serial: 'WEKA-0002', sizeMiB: 256 }],
    cpus: '2,cores=1,threads=2',
    memoryMiB: 1280,
    kernelLine: ['lockdown=integrity', 'intel_iommu=on', 'hugepages=64'],
    clockOffsetMs: -HOUR_MS,
    machine: ['kernel-irqchip=split'],
    qemuArguments: [
      '-device intel-iommu,intremap=on',
      '-object memory-backend-ram,id=low,size=1024M -numa node,nodeid=0,cpus=0-1,memdev=low',
      '-object memory-backend-ram,id=high,size=256M -numa node,nodeid=1,memdev=high',
    ].flatMap((line) => line.split(' ')),
  });
}, 600_000);

afterAllTests(async (failed) => await guest?.end({ failed }));

describe('an agent in a locked kernel 6.12', { timeout: 600_000 }, () => {
  it('tells lockdown, signatures, hyper-threading, NUMA, IOMMU and huge pages, and writes it by TLS', async () => {
    const [node] = rights.nodes;
    const report = await firstReport(async () => {
      const { status, body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
      if (status !== 200) return undefined;
      const { binaryData } = JSON.parse(body) as { binaryData: Record<string, string> };
      return unpackReport(Buffer.from(binaryData['report.json.gz'] ?? '', 'base64'));
    });
    const release = (await guest.output('uname', '-r')).trim();
    expect(release).toMatch(/^6\.12\.\d+\+deb12-cloud-amd64$/);
    expect(report.observed).toMatchObject({
      kernel: { release },
      lockdown: 'integrity',
      hyperThreading: 'on',
      cpus: { threads: 2, cores: 1, sockets: 1 },
      iommu: 'on',
      numaNodes: [
        { id: 0, cpus: '0-1' },
        { id: 1, cpus: '' },
      ],
      hugePages: [
        { sizeKiB: 2048, numaNode: 0, total: 32, free: 32 },
        { sizeKiB: 2048, numaNode: 1, total: 32, free: 32 },
        { sizeKiB: 1024 ** 2, numaNode: 0, total: 0 },
        { sizeKiB: 1024 ** 2, numaNode: 1, total: 0 },
      ],
    });
    expect(await observe(guest, node)).toEqual(report);
    const clock = Number(await guest.output('date', '+%s')) * 1000 - Date.now();
    expect(Math.abs(clock + HOUR_MS)).toBeLessThan(60_000);
  });

  it('takes modules that Debian signed and tells of no other', async () => {
    await guest.output('modprobe', 'dummy', 'numdummies=2');
    const unsigned = '/tmp/unsigned.ko';
    const path = (await guest.output('modinfo', '-n', 'uio')).trim();
    // The signature stands at the end.
    await guest.output('sh', '-c', 'xzcat "$0" | head -c -40 >"$1"', path, unsigned);
    const refused = await guest.run('insmod', [unsigned]);
    expect(refused.exitCode).not.toBe(0);
    const { observed } = await observe(guest, 'guest');
    const modules = observed.modules as { readonly name: string; readonly taints?: string }[];
    const names = modules.map(({ name }) => name);
    expect(names).toContain('dummy');
    expect(names).not.toContain('uio');
    expect(modules.filter(({ taints }) => taints !== undefined)).toEqual([]);
  });

  it('tells where the folder of WEKA is once a drive is mounted there', async () => {
    await guest.output('mke2fs', '/dev/nvme0n1');
    await guest.output('mkdir', '-p', '/opt/k8s-weka');
    await guest.output('mount', '-t', 'ext4', '/dev/nvme0n1', '/opt/k8s-weka');
    const { observed } = await observe(guest, 'guest');
    expect(observed.persistence).toMatchObject({
      path: '/opt/k8s-weka',
      exists: 'yes',
      fileSystem: 'ext4',
      mountPoint: '/opt/k8s-weka',
    });
  });
});
