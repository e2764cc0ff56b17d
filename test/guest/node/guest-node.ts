import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { freePort } from '../../cluster/ports.ts';
import { until } from '../../cluster/until.ts';
import type { GuestFiles } from '../cpio.ts';
import type { Guest } from '../guest.ts';
import { guestKernel, type KernelVersion } from '../kernel.ts';
import type { Drive } from '../qemu.ts';
import { startGuest } from '../start-guest.ts';
import { BASE_IMAGE, baseImage } from './base-image.ts';
import { containersDisk, type PreloadedImage } from './containers-disk.ts';
import type { KubeletGate } from './kubelet-gate.ts';
import { CNI_CONFIG, CONTAINERD_CONFIG, kubeletConfig } from './node-config.ts';
import { nodeImage } from './node-image.ts';

export interface GuestNodeOptions {
  readonly name: string;
  /** By which the API server reaches the kubelet. */
  readonly gate: KubeletGate;
  readonly kernel?: KernelVersion;
  /** NVMe drives. */
  readonly drives?: readonly Drive[];
  /** Images that it has beside `BASE_IMAGE`. */
  readonly images?: readonly PreloadedImage[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Huge pages of 2 MiB. */
  readonly hugePages?: number;
  /** Fields of the kubelet's configuration. */
  readonly kubelet?: Readonly<Record<string, unknown>>;
  readonly memoryMiB?: number;
  /** A namespace whose containers' logs are shown on the console. */
  readonly showLogsOf?: string;
  readonly readyWithinMs?: number;
  readonly report?: (line: string) => void;
}

/** A guest that is a node of a cluster: a kernel of its own, containerd and the kubelet. */
export interface GuestNode {
  readonly name: string;
  readonly guest: Guest;
  /** From the start of QEMU until pods could run on it. */
  readonly readyMs: number;
}

/**
 * Boots a guest as a node of a cluster, and waits until pods may run on it. One that does not come so far is said and booted once
 * more.
 */
export async function startGuestNode(cluster: Cluster, options: GuestNodeOptions): Promise<GuestNode> {
  const { report = console.error } = options;
  try {
    return await boot(cluster, options);
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    report(`${error.message} It is booted once more.`);
    await cluster.api.json('DELETE', `/api/v1/nodes/${options.name}`).catch(() => {});
    return await boot(cluster, options);
  }
}

class NotReady extends Error {}

async function boot(cluster: Cluster, options: GuestNodeOptions): Promise<GuestNode> {
  const { name, kernel = '6.1', drives = [], images = [], readyWithinMs = 120_000, report } = options;
  const base = { name: BASE_IMAGE, layout: await baseImage() };
  const root = await nodeImage(await guestKernel(kernel));
  const containers = await containersDisk([base, ...images]);
  const port = await freePort();
  const guest = await startGuest({
    name: `node-${name}`,
    kernel,
    root,
    files: await filesOf(cluster, port, options),
    drives,
    nics: [{ name: 'first', forwards: [{ host: port, guest: port }] }],
    memoryMiB: options.memoryMiB ?? 2048,
    kernelLine: ['cgroup_no_v1=all'],
    qemuArguments: [
      '-drive',
      `file=${containers.replaceAll(',', ',,')},if=none,id=containers,format=raw,snapshot=on,cache=unsafe`,
      '-device',
      'virtio-blk-pci,drive=containers',
    ],
    ...(report !== undefined && { report }),
  });
  try {
    const commandsMs = guest.bootMs;
    const since = Date.now();
    await ready(cluster, guest, name, readyWithinMs);
    return { name, guest, readyMs: commandsMs + Date.now() - since };
  } catch (error) {
    const said = await lastWords(guest);
    const console = await guest.keepConsole();
    await guest.end();
    throw new NotReady(`${(error as Error).message} Its console is kept in ${console}.\n${said}`, {
      cause: error,
    });
  }
}

/** Waits until pods may run on a node, or its console says that this will not be. */
async function ready(cluster: Cluster, guest: Guest, name: string, timeoutMs: number): Promise<void> {
  interface Node {
    readonly spec: { readonly taints?: readonly object[] };
    readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }
  const hung = await until(
    `the node ${name} is Ready`,
    async () => {
      const sign = guest.console.lines.find((line) => /soft lockup|Kernel panic/.test(line));
      if (sign !== undefined) return sign;
      const { spec, status } = await cluster.api.json<Node>('GET', `/api/v1/nodes/${name}`);
      const isReady = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
      return isReady === true && spec.taints === undefined && '';
    },
    { timeoutMs, everyMs: 200 },
  );
  if (hung !== '') throw new Error(`${name} hung: "${hung.trim()}".`);
}

async function lastWords(guest: Guest): Promise<string> {
  const logs = ['/var/log/containerd.log', '/var/log/kubelet.log'];
  const said = await guest.run('tail', ['-n', '12', ...logs], { timeoutMs: 20_000 }).catch(() => undefined);
  return said?.stdout ?? '';
}

async function filesOf(cluster: Cluster, port: number, options: GuestNodeOptions): Promise<GuestFiles> {
  const { name, gate, labels = {}, hugePages = 0, showLogsOf = '' } = options;
  const apiServer = `10.0.2.2:${new URL(cluster.server).port}`;
  const kubeconfig = await cluster.kubeconfigFor({ user: `system:node:${name}`, groups: ['system:nodes'] });
  const { certificate, key } = gate.kubeletIdentity(name);
  const settings = {
    NAME: name,
    API_SERVER: apiServer,
    HUGE_PAGES: String(hugePages),
    LABELS: Object.entries(labels)
      .map(([label, value]) => `${label}=${value}`)
      .join(','),
    SHOW_LOGS_OF: showLogsOf,
  };
  const services = ['commands', 'containerd', 'kubelet', 'show-logs'];
  return {
    '/etc/inittab': {
      content: `::sysinit:/usr/lib/guest/start\n${services.map((each) => `::respawn:/usr/lib/guest/${each}\n`).join('')}`,
    },
    '/etc/guest-node': {
      content: Object.entries(settings)
        .map(([setting, value]) => `${setting}='${value}'\n`)
        .join(''),
    },
    '/etc/hostname': { content: `${name}\n` },
    '/etc/hosts': { content: `127.0.0.1 localhost ${name}\n` },
    '/etc/containerd/config.toml': { content: CONTAINERD_CONFIG },
    '/etc/cni/net.d/10-pods.conflist': { content: CNI_CONFIG },
    '/etc/kubernetes/kubeconfig': {
      content: (await readFile(kubeconfig, 'utf8')).replace(cluster.server, `https://${apiServer}`),
      mode: 0o600,
    },
    '/etc/kubernetes/kubelet.yaml': {
      content: kubeletConfig({ port, ...(options.kubelet && { more: options.kubelet }) }),
    },
    '/etc/kubernetes/kubelet.crt': { content: certificate },
    '/etc/kubernetes/kubelet.key': { content: key, mode: 0o600 },
    '/etc/kubernetes/clients.crt': { content: gate.authority },
    ...Object.fromEntries(
      await Promise.all(
        ['start', 'containerd', 'kubelet', 'show-logs'].map(
          async (each) => [`/usr/lib/guest/${each}`, await inside(each)] as const,
        ),
      ),
    ),
  };
}

async function inside(name: string) {
  return { content: await readFile(join(import.meta.dirname, 'inside', name)), mode: 0o755 };
}
