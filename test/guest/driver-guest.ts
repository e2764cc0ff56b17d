import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../cluster/run.ts';
import { debianRoot } from '../tools/debian/debian-root.ts';
import { toolOf } from '../tools/debian/tool.ts';
import { AGENT, type AgentGuestOptions, startAgentGuest } from './agent-guest.ts';
import type { GuestFiles } from './cpio.ts';
import type { Guest } from './guest.ts';
import { hostTools } from './packages.ts';
import { inside } from './start-guest.ts';

export interface DriverGuestOptions extends AgentGuestOptions {
  readonly agent: NonNullable<AgentGuestOptions['agent']>;
  /** Where the disk of the agent's state is made. It outlives what a power cut takes. */
  readonly folder: string;
  readonly stateMiB?: number;
  /** More of the agent's environment, as `UV_THREADPOOL_SIZE=1`. */
  readonly env?: readonly string[];
}

const KUBECONFIG = '/etc/weka-gitops/kubeconfig';

/** A guest whose agent may do what its DaemonSet allows it, with a disk of its own for its state. */
export async function startDriverGuest(options: DriverGuestOptions): Promise<Guest> {
  const { folder, stateMiB = 160, agent, env = [], files = {}, qemuArguments = [], ...others } = options;
  const disk = await stateDisk(join(folder, 'state.raw'), stateMiB);
  const { namespace, node } = agent;
  const words = [...AGENT, 'run', '--kubeconfig', KUBECONFIG, '--namespace', namespace, '--node', node];
  return await startAgentGuest({
    ...others,
    agent,
    files: {
      ...(await confiningTools()),
      '/usr/lib/guest/agent': await inside('confined-agent'),
      '/etc/guest-agent': { content: `AGENT="${['env', ...env, ...words, '--root', '/host'].join(' ')}"\n` },
      ...files,
    },
    qemuArguments: [
      '-drive',
      `file=${disk},if=none,id=state,format=raw`,
      '-device',
      'virtio-blk-pci,drive=state',
      ...qemuArguments,
    ],
  });
}

/** Other than the root disk, one with a journal: a guest that is reset in the midst of a write has a whole file system after it. */
async function stateDisk(path: string, sizeMiB: number): Promise<string> {
  const { file, args, env } = toolOf(await hostTools(), '/usr/sbin/mke2fs');
  const options = ['-q', '-F', '-t', 'ext4', '-O', 'has_journal', '-m', '0', path, `${sizeMiB}M`];
  const { exitCode, stderr } = await run(file, [...args, ...options], { env });
  if (exitCode !== 0) throw new Error(`mke2fs failed: ${stderr}`);
  return path;
}

const LIBRARIES = '/usr/lib/x86_64-linux-gnu';

/** The programs that take powers from others and look at what they do, with the libraries that the guest has not. */
async function confiningTools(): Promise<GuestFiles> {
  const root = await debianRoot({ name: 'guest-confine', packages: ['strace', 'util-linux'] });
  const libraries = ['libcap-ng.so.0', 'libunwind-ptrace.so.0', 'libunwind-x86_64.so.8', 'libunwind.so.8'];
  // Under their usual names the shell of the guest takes its own, except that it has no `flock`.
  const files = [
    ['/usr/bin/flock', '/usr/bin/flock'] as const,
    ...['setpriv', 'strace'].map((name) => [`/usr/lib/guest/${name}`, `/usr/bin/${name}`] as const),
    ...libraries.map((name) => [`${LIBRARIES}/${name}`, `${LIBRARIES}/${name}`] as const),
  ];
  const read = async ([to, from]: readonly [string, string]) =>
    [to, { content: await readFile(join(root, from)), mode: 0o755 }] as const;
  return Object.fromEntries(await Promise.all(files.map(read)));
}
