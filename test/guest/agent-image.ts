import { chmod, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../cluster/run.ts';
import { Supervisor } from '../cluster/supervisor.ts';
import { makeDiskImage } from './disk-image.ts';
import { kept } from './kept.ts';
import type { GuestKernel } from './kernel.ts';
import { guestSystem } from './packages.ts';

const SIZE_MIB = 2048;

/** What is in `/etc` before anything of a boot is laid over it. */
const ETC = {
  hostname: 'guest\n',
  hosts: '127.0.0.1 localhost\n',
  'nsswitch.conf': 'hosts: files dns\n',
  passwd: 'root:x:0:0:root:/root:/bin/sh\n',
  group: 'root:x:0:\n',
};

/** The root disk of a guest that runs an agent by itself: Debian's base, BusyBox, kmod, the kernel's modules and Node. */
export async function agentImage(kernel: GuestKernel): Promise<string> {
  const system = await guestSystem();
  return await kept({
    name: `agent-image-${kernel.version}`,
    from: [system, kernel.modules, process.version, ETC, SIZE_MIB],
    make: async (path) => {
      // Held by a supervisor, so that the folder goes though this process is killed.
      const supervisor = await Supervisor.start();
      try {
        const folder = join(supervisor.folder, 'root');
        await fill(folder, system, kernel);
        await makeDiskImage(supervisor, { path, sizeMiB: SIZE_MIB, folder });
      } finally {
        await supervisor.end();
      }
    },
  });
}

async function fill(folder: string, system: string, { modules, release }: GuestKernel): Promise<void> {
  await cp(system, folder, { recursive: true, verbatimSymlinks: true });
  for (const part of ['usr/share/doc', 'usr/share/common-licenses']) {
    await rm(join(folder, part), { recursive: true, force: true });
  }
  await cp(modules, join(folder, 'usr/lib/modules', release), { recursive: true });
  await cp(process.execPath, join(folder, 'usr/bin/node'));
  await chmod(join(folder, 'usr/bin/node'), 0o755);
  for (const [name, text] of Object.entries(ETC)) await writeFile(join(folder, 'etc', name), text);
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'root', 'opt']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await installBusybox(folder);
}

/** A link for each of its programs that is not there in full, as `busybox --install` makes them. */
async function installBusybox(folder: string): Promise<void> {
  const { stdout } = await run(join(folder, 'usr/bin/busybox'), ['--list-full']);
  const there = new Set([
    ...(await readdir(join(folder, 'usr/bin'))),
    ...(await readdir(join(folder, 'usr/sbin'))),
  ]);
  for (const path of stdout.trim().split('\n')) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (there.has(name)) continue;
    there.add(name);
    await symlink('/usr/bin/busybox', join(folder, path.includes('sbin/') ? 'usr/sbin' : 'usr/bin', name));
  }
}
