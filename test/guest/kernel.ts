import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../cluster/run.ts';
import { toolOf } from '../tools/debian/tool.ts';
import { cpio, type GuestFiles } from './cpio.ts';
import { kept } from './kept.ts';
import { guestKernels, guestSystem } from './packages.ts';

/** The kernels of Debian that guests boot. */
export type KernelVersion = '6.1' | '6.12';

export interface GuestKernel {
  readonly version: KernelVersion;
  /** As `uname -r` prints it. */
  readonly release: string;
  readonly image: string;
  /** RAM disk that mounts the root disk, copies `/files` over it, and hands over to its init. */
  readonly initrd: string;
  /** Folder with all modules of the release, to be copied to `/usr/lib/modules/RELEASE`. */
  readonly modules: string;
}

/** What it takes to reach the root disk, where that is not built in. */
const EARLY_MODULES = ['virtio_pci', 'virtio_blk'];

const INIT = join(import.meta.dirname, 'inside', 'initrd-init');

/** A kernel with its modules, ready to boot. */
export async function guestKernel(version: KernelVersion): Promise<GuestKernel> {
  const [kernels, system, init] = await Promise.all([guestKernels(), guestSystem(), readFile(INIT, 'utf8')]);
  const folder = await kept({
    name: `kernel-${version}`,
    from: [kernels, system, init, EARLY_MODULES],
    make: async (path) => await make(path, await releaseOf(kernels, version), kernels, system),
  });
  const release = await releaseOf(folder, version);
  return {
    version,
    release,
    image: join(folder, 'boot', `vmlinuz-${release}`),
    initrd: join(folder, 'initrd'),
    modules: join(folder, 'lib/modules', release),
  };
}

async function releaseOf(root: string, version: KernelVersion): Promise<string> {
  const releases = await readdir(join(root, 'lib/modules'));
  const release = releases.find((name) => name.startsWith(`${version}.`));
  if (release === undefined) throw new Error(`There is no kernel ${version} among ${releases.join(', ')}.`);
  return release;
}

async function make(folder: string, release: string, kernels: string, system: string): Promise<void> {
  const modules = join(folder, 'lib/modules', release);
  await mkdir(join(folder, 'boot'), { recursive: true });
  await cp(join(kernels, 'usr/lib/modules', release), modules, { recursive: true });
  await cp(join(kernels, 'boot', `vmlinuz-${release}`), join(folder, 'boot', `vmlinuz-${release}`));

  // kmod is known by the name that it is called by.
  const kmod = toolOf(system, '/usr/bin/kmod');
  const args = kmod.args.map((arg) => (arg === '/usr/bin/kmod' ? 'depmod' : arg));
  const { exitCode, stderr } = await run(kmod.file, [...args, '-b', folder, release], { env: kmod.env });
  if (exitCode !== 0) throw new Error(`depmod failed: ${stderr}`);

  await writeFile(join(folder, 'initrd'), cpio(await initrdFiles(modules, system)));
}

async function initrdFiles(modules: string, system: string): Promise<GuestFiles> {
  const busybox = join(system, 'usr/bin/busybox');
  const early = await Promise.all(
    earlyModules(await readFile(join(modules, 'modules.dep'), 'utf8')).map(async (path, index) => {
      const content = await unpacked(join(modules, path), busybox);
      // In the order in which they are loaded.
      return [`/modules/${String(index).padStart(2, '0')}.ko`, { content }] as const;
    }),
  );
  return {
    '/init': { content: await readFile(INIT), mode: 0o755 },
    '/bin/busybox': { content: await readFile(busybox), mode: 0o755 },
    ...Object.fromEntries(early),
  };
}

/** Paths of modules, each after those that it needs, from lines as `a/virtio_blk.ko: a/virtio.ko a/virtio_ring.ko`. */
function earlyModules(dependencies: string): readonly string[] {
  const lines = dependencies.split('\n').map((line) => line.split(/:? /));
  const found = EARLY_MODULES.flatMap((name) => {
    const line = lines.find(([path]) => new RegExp(`/${name}\\.ko(\\.xz)?:?$`).test(path ?? ''));
    return (line ?? []).map((path) => path.replace(/:$/, '')).toReversed();
  });
  return [...new Set(found)];
}

async function unpacked(path: string, busybox: string): Promise<Buffer> {
  const bytes = await readFile(path);
  if (!path.endsWith('.xz')) return bytes;
  const { stdout, stderr, exitCode } = await run(busybox, ['sh', '-c', 'xzcat "$0" | base64', path]);
  if (exitCode !== 0) throw new Error(`${path} cannot be unpacked: ${stderr}`);
  return Buffer.from(stdout, 'base64');
}
