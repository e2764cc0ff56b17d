import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackReport } from '../../nodeagent/node-report.ts';
import { isKnown, type Observed } from '../../schemas/node/observed.ts';
import type { NodeReport } from '../../schemas/node-report.ts';
import { sharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import type { Fault } from '../support/fault-rules.ts';
import { agentRights, type AgentRights } from '../support/node-agent-rights.ts';
import { startAgentGuest } from './agent-guest.ts';
import type { Guest } from './guest.ts';
import { afterAllTests } from './has-failed.ts';
import { firstReport, observe, PATIENT } from './observe.ts';

const HOUR_MS = 3_600_000;
/** Serial numbers as somebody might set them who means no good. */
const HOSTILE = `x";$(reboot) \\ü`;

const cluster = await sharedCluster();
let rights: AgentRights;
let server: FaultServer;
let guest: Guest;
let node: string;

beforeAll(async () => {
  rights = await agentRights(cluster, afterAll);
  [node] = rights.nodes;
  server = await startFaultServer(cluster);
  const kubeconfig = (await readFile(rights.kubeconfig, 'utf8')).replace(
    /server: .*/,
    `server: ${inGuest(server.url)}`,
  );
  guest = await startAgentGuest({
    kernel: '6.1',
    agent: { kubeconfig, namespace: rights.namespace, node },
    drives: [
      { serial: 'WEKA-0001', sizeMiB: 64 },
      { serial: HOSTILE, sizeMiB: 32 },
    ],
    nics: [{ name: 'first', mac: '52:54:00:aa:00:01' }],
    clockOffsetMs: HOUR_MS,
  });
}, 600_000);

afterAllTests(async (failed) => {
  await guest?.end({ failed });
  await server?.stop();
});

/** The host, as a guest sees it. */
function inGuest(url: string): string {
  return url.replace('127.0.0.1', '10.0.2.2');
}

interface ReportMap {
  readonly metadata: { readonly resourceVersion: string };
  readonly binaryData: Readonly<Record<string, string>>;
}

async function configMap(): Promise<ReportMap | undefined> {
  const { status, body } = await rights.reconciler('GET', rights.path(`weka-node-report-${node}`));
  return status === 200 ? (JSON.parse(body) as ReportMap) : undefined;
}

async function reported(): Promise<NodeReport | undefined> {
  const packed = (await configMap())?.binaryData['report.json.gz'];
  return packed === undefined ? undefined : unpackReport(Buffer.from(packed, 'base64'));
}

/** Waits until the report in the cluster is what there is to see. */
async function converged(): Promise<NodeReport> {
  return await until(
    'the report tells what there is to see',
    async () => {
      const report = await firstReport(reported);
      expect(report).toEqual(await observe(guest, node));
      return report;
    },
    { timeoutMs: 180_000, everyMs: 1000 },
  );
}

/** Huge pages of 2 MiB that the report tells of. */
async function pagesTold(): Promise<unknown> {
  const report = await reported();
  return report && known(report.observed.hugePages).find(({ sizeKiB }) => sizeKiB === 2048)?.total;
}

async function agentPid(): Promise<string> {
  return await until('the agent runs', async () => {
    const { stdout } = await guest.run('pidof', ['node']);
    return /^\d+\n$/.test(stdout) && stdout.trim();
  });
}

/** Requests of the agent that begin after `from` others and match. */
function requests(method: string, path: RegExp, from = 0) {
  return server.requests.slice(from).filter((each) => each.method === method && path.test(each.url));
}

const WATCH = /watch=true/;
const REPORT = /weka-node-report-/;
const INTENT = /configmaps\/weka-node-intent-/;

/** Kills the agent and waits until its successor follows its intent. It may write at once then. */
async function restart(): Promise<void> {
  const before = server.requests.length;
  await guest.output('kill', '-9', await agentPid());
  await until('the next agent follows its intent', () => requests('GET', WATCH, before).length > 0, PATIENT);
}

function known<Value>(value: Observed<Value>): Exclude<Value, { unknown: string }> {
  if (!isKnown(value)) throw new Error(JSON.stringify(value));
  return value;
}

const inOrder = (one: string, other: string) => (one < other ? -1 : 1);

const lines = async (file: string, ...args: readonly string[]) =>
  (await guest.output(file, ...args)).trim().split('\n');

describe('an agent in a real kernel', { timeout: 600_000 }, () => {
  it('reports what kernel, disks, network and memory are, under its own token, though its clock is an hour off', async () => {
    const report = await firstReport(reported);
    const seen = report.observed;
    const [release] = await lines('uname', '-r');
    const [build] = await lines('uname', '-v');
    const [bootId] = await lines('cat', '/proc/sys/kernel/random/boot_id');
    expect(seen).toMatchObject({
      bootId,
      os: { id: 'debian', versionId: '12' },
      kernel: { release, build, architecture: 'x86_64' },
      moduleLoading: 'allowed',
      moduleSignatures: 'optional',
      lockdown: 'none',
      secureBoot: 'no-uefi',
      headers: [],
      hyperThreading: 'unsupported',
      iommu: 'off',
      xfsTools: [],
      wekaMounts: [],
      persistence: { path: '/opt/k8s-weka', exists: 'no', fileSystem: 'ext4', mountPoint: '/' },
    });
    expect(release).toMatch(/^6\.1\.\d+-\d+-cloud-amd64$/);
    const clock = Number((await lines('date', '+%s'))[0]) * 1000 - Date.now();
    expect(Math.abs(clock - HOUR_MS)).toBeLessThan(60_000);

    const loaded = (await lines('cat', '/proc/modules')).map((line) => line.split(' ')[0]!);
    const modules = known(seen.modules);
    expect(modules.map(({ name }) => name).toSorted(inOrder)).toEqual(loaded.toSorted(inOrder));
    const virtioNet = modules.find(({ name }) => name === 'virtio_net')!;
    const parameters = await lines('grep', '-H', '', '-r', '/sys/module/virtio_net/parameters');
    expect(virtioNet).toMatchObject({ state: 'live', inUse: 'no', usedBy: [] });
    expect(known(virtioNet.parameters).map(({ name, value }) => `${name}:${known(value)}`)).toEqual(
      parameters.map((line) => line.replace('/sys/module/virtio_net/parameters/', '')).toSorted(inOrder),
    );

    const disks = known(seen.blockDevices);
    expect(disks.find(({ serial }) => serial === 'WEKA-0001')).toMatchObject({
      name: 'nvme0n1',
      sizeBytes: 64 * 1024 ** 2,
      model: 'QEMU NVMe Ctrl',
      rotational: 'no',
      readOnly: 'no',
    });
    expect(disks.find(({ name }) => name === 'nvme1n1')!.serial).toBe(HOSTILE);
    expect(known(seen.networkInterfaces)).toMatchObject([
      {
        name: 'eth0',
        kind: 'ethernet',
        mac: '52:54:00:aa:00:01',
        addresses: ['10.0.2.15/24'],
        link: 'up',
        driver: 'virtio_net',
        pciId: '1af4:1041',
      },
    ]);
    await converged();
  });

  it('tells of a drive, an interface, modules and huge pages within seconds', async () => {
    await firstReport(reported);
    await restart();
    const started = Date.now();
    await guest.addDrive({ serial: 'HOT-0001', sizeMiB: 48 });
    await guest.addNic({ name: 'second', mac: '52:54:00:aa:00:02', network: '10.0.3.0/24' });
    await guest.output('modprobe', 'loop', 'max_loop=3');
    await guest.output('modprobe', 'uio_pci_generic');
    await guest.write('/proc/sys/vm/nr_hugepages', '24');
    await until('all of it is in the report', async () => (await pagesTold()) === 24, PATIENT);
    const { observed: seen } = (await reported())!;
    expect(known(seen.blockDevices).map(({ serial }) => serial)).toContain('HOT-0001');
    const seconds = (Date.now() - started) / 1000;
    console.error(
      `A drive, an interface, two modules and huge pages were told after ${seconds.toFixed(1)} s.`,
    );
    // A few seconds where the machine has nothing else to do; the agent's slow timer is minutes away.
    expect(seconds).toBeLessThan(150);
    expect(known(seen.networkInterfaces).map(({ name, mac }) => `${name} ${known(mac)}`)).toEqual([
      'eth0 52:54:00:aa:00:01',
      'eth1 52:54:00:aa:00:02',
    ]);
    const modules = new Map(known(seen.modules).map((module) => [module.name, module]));
    expect(modules.get('uio')).toMatchObject({ usedBy: ['uio_pci_generic'], inUse: 'yes' });
    expect(known(modules.get('loop')!.parameters)).toContainEqual({ name: 'max_loop', value: '3' });

    await guest.removeDrive('HOT-0001');
    await guest.removeNic('second');
    await guest.output('modprobe', '-r', 'loop', 'uio_pci_generic');
    await guest.write('/proc/sys/vm/nr_hugepages', '25');
    await until('it is told that they are gone', async () => (await pagesTold()) === 25, PATIENT);
    const { observed: left } = (await reported())!;
    expect(known(left.blockDevices).map(({ serial }) => serial)).not.toContain('HOT-0001');
    expect(known(left.networkInterfaces)).toHaveLength(1);
    expect(known(left.modules).map(({ name }) => name)).not.toContain('loop');
  });

  it('is killed at every step on the way to a report, and writes it once', async () => {
    await firstReport(reported);
    const steps: readonly [what: string, method: string, path: RegExp, fault: Fault][] = [
      ['asks for its intent', 'GET', INTENT, { do: 'hold' }],
      ['reads its last report', 'GET', REPORT, { do: 'hold' }],
      ['writes a report that never arrives', 'PATCH', REPORT, { do: 'hold' }],
      ['writes a report whose answer is lost', 'PATCH', REPORT, { do: 'lose' }],
    ];
    await guest.write('/proc/sys/vm/nr_hugepages', '101');
    const from = server.requests.length;
    const written = () => requests('PATCH', REPORT, from).filter(({ answered }) => answered);
    for (const [what, method, path, fault] of steps) {
      const before = server.requests.length;
      const remove = server.rules.add({ method, path, times: 1, fault });
      await guest.output('kill', '-9', await agentPid());
      const harmed = () => requests(method, path, before).find((each) => each.fault !== undefined);
      const isThere = () => harmed()?.answered === (fault.do === 'lose');
      await until(`the agent ${what}`, isThere, PATIENT);
      remove();
    }
    expect(written()).toHaveLength(1);
    await restart();
    expect(await pagesTold()).toBe(101);
    // While it starts it has asked for nothing yet.
    for (const afterMs of [0, 300, 900]) {
      await guest.output('kill', '-9', await agentPid());
      await guest.output(
        'sh',
        '-c',
        'until pidof node; do usleep 20000; done; usleep "$0"',
        `${afterMs * 1000}`,
      );
    }
    await guest.write('/proc/sys/vm/nr_hugepages', '102');
    await until('the report tells it', async () => (await pagesTold()) === 102, PATIENT);
    expect(written()).toHaveLength(2);
  });

  it('tells once the API server is there again what happened while it was away', async () => {
    await firstReport(reported);
    await restart();
    const pid = await agentPid();
    const from = server.requests.length;
    const said = guest.console.lines.length;
    await guest.setLink('first', 'down');
    await guest.addDrive({ serial: 'AWAY-0001', sizeMiB: 16 });
    await guest.console.waitFor(/Cannot (write the report|follow the intent)/, { from: said, ...PATIENT });
    await guest.removeDrive('AWAY-0001');
    await guest.write('/proc/sys/vm/nr_hugepages', '7');
    await guest.setLink('first', 'up');
    await until('the report tells it', async () => (await pagesTold()) === 7, PATIENT);
    const { observed: seen } = (await reported())!;
    expect(known(seen.blockDevices).map(({ serial }) => serial)).not.toContain('AWAY-0001');
    expect(known(seen.networkInterfaces)).toMatchObject([{ name: 'eth0', link: 'up' }]);
    expect(await agentPid()).toBe(pid);
    expect(requests('PATCH', REPORT, from).filter(({ answered }) => answered)).toHaveLength(1);
  });

  it('is there again after a reset, with the report of the new boot', async () => {
    const before = await firstReport(reported);
    await guest.reset();
    const [bootId] = await lines('cat', '/proc/sys/kernel/random/boot_id');
    const report = await until(
      'the report of this boot',
      async () => {
        const now = await reported();
        return now?.observed.bootId === bootId && now;
      },
      PATIENT,
    );
    expect(report.observed.bootId).not.toBe(before.observed.bootId);
    expect(known(report.observed.blockDevices).map(({ serial }) => serial)).toContain('WEKA-0001');
    await converged();
  });
});
