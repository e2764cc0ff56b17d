import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, RUNTIME } from '../../scripts/bundle.ts';
import { agentImage } from './agent-image.ts';
import type { GuestFiles } from './cpio.ts';
import type { Guest } from './guest.ts';
import { guestKernel } from './kernel.ts';
import { type GuestOptions, inside, startGuest } from './start-guest.ts';

export interface AgentGuestOptions extends Omit<GuestOptions, 'root' | 'name'> {
  /** An agent that runs from the start, and is started again whenever it ends. */
  readonly agent?: {
    /** Text of its kubeconfig; 10.0.2.2 is the host. */
    readonly kubeconfig: string;
    readonly namespace: string;
    readonly node: string;
  };
}

const FOLDER = '/opt/weka-gitops';
const KUBECONFIG = '/etc/weka-gitops/kubeconfig';

/** The words that start the agent in the guest, before its own arguments. */
export const AGENT: readonly [string, ...string[]] = [
  'env',
  ...Object.entries(RUNTIME.env).map(([name, value]) => `${name}=${value}`),
  `NODE_COMPILE_CACHE=${FOLDER}/compiled`,
  '/usr/bin/node',
  ...RUNTIME.flags,
  `${FOLDER}/weka-nodeagent.mjs`,
];

/** A guest with little more than a kernel, Node and the agent as it is bundled for its image. */
export async function startAgentGuest(options: AgentGuestOptions): Promise<Guest> {
  const { agent, kernel, files = {}, ...others } = options;
  const root = await agentImage(await guestKernel(kernel));
  const services: [when: string, what: string][] = [
    ['::sysinit', '/usr/lib/guest/start'],
    ['::respawn', '/usr/lib/guest/commands'],
    ['::respawn', '/usr/sbin/acpid -f'],
  ];
  const more: Record<string, GuestFiles[string]> = {};
  if (agent !== undefined) {
    const { kubeconfig, namespace, node } = agent;
    const words = [...AGENT, 'run', '--kubeconfig', KUBECONFIG, '--namespace', namespace, '--node', node];
    services.push(['::respawn', '/usr/lib/guest/agent']);
    more['/usr/lib/guest/agent'] = { content: `#!/bin/sh\nexec ${words.join(' ')}\n`, mode: 0o755 };
    more[KUBECONFIG] = { content: kubeconfig, mode: 0o600 };
  }
  return await startGuest({
    name: `agent-guest-${kernel}`,
    kernel,
    root,
    files: {
      '/usr/sbin/init': { linkTo: '/usr/bin/busybox' },
      '/etc/inittab': { content: services.map(([when, what]) => `${when}:${what}\n`).join('') },
      '/etc/acpi/PWRF/00000080': { content: '#!/bin/sh\nexec poweroff\n', mode: 0o755 },
      '/usr/lib/guest/start': await inside('start'),
      ...(await bundledAgent()),
      ...more,
      ...files,
    },
    ...others,
  });
}

let bundled: Promise<GuestFiles> | undefined;

/** Bundled once, however many guests a file starts. */
async function bundledAgent(): Promise<GuestFiles> {
  return await (bundled ??= bundleAgent());
}

async function bundleAgent(): Promise<GuestFiles> {
  const folder = await mkdtemp(join(tmpdir(), 'weka-gitops-test-'));
  try {
    await bundle(folder);
    const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return Object.fromEntries(
      await Promise.all(
        names.map(async (path) => [path.replace(folder, FOLDER), { content: await readFile(path) }] as const),
      ),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
