import { chmod, copyFile, cp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPrograms } from '../../cluster/programs.ts';
import { Supervisor } from '../../cluster/supervisor.ts';
import { makeDiskImage } from '../disk-image.ts';
import { kept } from '../kept.ts';
import type { GuestKernel } from '../kernel.ts';
import { guestKernels } from '../packages.ts';
import { nodeSystem } from './node-packages.ts';

const SIZE_MIB = 8192;

/** What is in `/etc` before anything of a boot is laid over it. */
const ETC = {
  hosts: '127.0.0.1 localhost\n',
  'nsswitch.conf': 'hosts: files dns\n',
  passwd: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  group: 'root:x:0:\nnogroup:x:65534:\n',
  'resolv.conf': '',
};

/** Names that Debian gives when packages are configured, and programs that only BusyBox has. */
const LINKS = {
  'usr/sbin/iptables': 'iptables-legacy',
  'usr/sbin/init': '../bin/busybox',
  'usr/bin/hostname': 'busybox',
  'usr/bin/usleep': 'busybox',
};

/** The root disk of a whole node: Debian with containerd, the kernel's modules and headers, and the kubelet. */
export async function nodeImage(kernel: GuestKernel): Promise<string> {
  const system = await nodeSystem();
  const { kubelet } = await findPrograms(['kubelet']);
  const { size, mtimeMs } = await stat(kubelet);
  return await kept({
    name: `node-image-${kernel.version}`,
    from: [system, kernel.modules, await guestKernels(), kubelet, size, mtimeMs, ETC, LINKS, SIZE_MIB],
    make: async (path) => {
      // Held by a supervisor, so that the folder goes though this process is killed.
      const supervisor = await Supervisor.start();
      try {
        const folder = join(supervisor.folder, 'root');
        await fill(folder, system, kernel, kubelet);
        await makeDiskImage(supervisor, { path, sizeMiB: SIZE_MIB, folder });
      } finally {
        await supervisor.end();
      }
    },
  });
}

async function fill(folder: string, system: string, { modules, release }: GuestKernel, kubelet: string) {
  await cp(system, folder, { recursive: true, verbatimSymlinks: true });
  await rm(join(folder, 'usr/share/doc'), { recursive: true, force: true });
  await cp(modules, join(folder, 'usr/lib/modules', release), { recursive: true, verbatimSymlinks: true });
  await copyHeaders(folder, release);
  // The program of the control plane is the kubelet where it is called so.
  await copyFile(kubelet, join(folder, 'usr/bin/kubelet'));
  await chmod(join(folder, 'usr/bin/kubelet'), 0o755);
  for (const [name, text] of Object.entries(ETC)) await writeFile(join(folder, 'etc', name), text);
  for (const [name, target] of Object.entries(LINKS)) {
    await rm(join(folder, name), { force: true });
    await symlink(target, join(folder, name));
  }
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'var/lib/containerd', 'var/log']) {
    await mkdir(join(folder, name), { recursive: true });
  }
}

/** As Debian lays them out: its own, those that all flavours share, and the programs of the build, which are elsewhere. */
async function copyHeaders(folder: string, release: string): Promise<void> {
  const kernels = await guestKernels();
  const flavour = release.replace(/-amd64$/, '').replace(/-cloud$/, '');
  const series = /^\d+\.\d+/.exec(release)?.[0] ?? release;
  for (const [place, names] of [
    ['usr/src', [`linux-headers-${release}`, `linux-headers-${flavour}-common`]],
    ['usr/lib', [`linux-kbuild-${series}`, `linux-kbuild-${flavour}`]],
  ] as const) {
    const there = new Set(await readdir(join(kernels, place)));
    await mkdir(join(folder, place), { recursive: true });
    for (const name of names.filter((each) => there.has(each))) {
      await cp(join(kernels, place, name), join(folder, place, name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    }
  }
}
