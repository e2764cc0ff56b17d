import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../cluster/run.ts';
import { Supervisor } from '../../cluster/supervisor.ts';
import { addImage, addLayer, createLayout } from '../../image/oci-layout.ts';
import { kept } from '../kept.ts';
import { guestSystem } from '../packages.ts';

/** What the image is called on nodes. It holds BusyBox, and does nothing until it is ended. */
export const BASE_IMAGE = 'guest.test/base:1';

/** A shell that ends when it is told to, which the first process of a container does by a handler only. */
const ENTRYPOINT = [
  '/bin/sh',
  '-c',
  'trap "exit 0" TERM INT; while :; do sleep 3600 & wait $!; done',
] as const;
const PROGRAMS = ['cat', 'echo', 'ls', 'nc', 'sh', 'sleep'];

/** The OCI layout of an image for what a test wants to run on a node, and for the sandboxes of all pods. */
export async function baseImage(): Promise<string> {
  const system = await guestSystem();
  return await kept({
    name: 'base-image',
    from: [system, ENTRYPOINT, PROGRAMS],
    make: async (path) => {
      const supervisor = await Supervisor.start();
      try {
        const content = join(supervisor.folder, 'content');
        await mkdir(join(content, 'bin'), { recursive: true });
        await cp(join(system, 'usr/bin/busybox'), join(content, 'bin/busybox'));
        for (const name of PROGRAMS) await symlink('busybox', join(content, 'bin', name));
        const tar = join(supervisor.folder, 'layer.tar');
        const { exitCode, stderr } = await run('tar', ['-c', '-f', tar, '-C', content, '.']);
        if (exitCode !== 0) throw new Error(`tar failed: ${stderr}`);
        await createLayout(path);
        await addImage(path, BASE_IMAGE, [await addLayer(path, tar)], { Entrypoint: ENTRYPOINT });
      } finally {
        await supervisor.end();
      }
    },
  });
}
