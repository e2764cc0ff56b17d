import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../cluster/run.ts';
import { Supervisor } from '../../cluster/supervisor.ts';
import { addImage, addLayer, createLayout, type Descriptor } from '../../image/oci-layout.ts';
import { kept } from '../kept.ts';
import { guestKernels } from '../packages.ts';
import type { PreloadedImage } from './containers-disk.ts';

/** What stands in for the vendor's image: a compiler, and the sources of the stand-in modules where the vendor's would be. */
const IMAGE = 'weka.test/weka-in-container';
const SOURCES = join(import.meta.dirname, '../../weka/modules');
/** In a guest a compiler is slow, and two modules of which one needs the other are enough. */
const BUILT = 'wekafsgw.o wekafsio.o';
/** Kernels and their headers are those of the node. */
const NOT_OF_THE_IMAGE = ['boot', 'usr/lib/modules', 'usr/lib/linux-kbuild-*', 'usr/share/doc', 'usr/src'];

/** Images of WEKA in these versions, which build drivers from their sources. */
export async function wekaImages(versions: readonly string[]): Promise<readonly PreloadedImage[]> {
  const root = await guestKernels();
  const layout = await kept({
    name: 'weka-image',
    from: [root, NOT_OF_THE_IMAGE, BUILT, versions, 'awk', await run('sh', ['-c', 'cat "$0"/*', SOURCES])],
    make: async (path) => {
      const supervisor = await Supervisor.start();
      try {
        await createLayout(path);
        const tar = join(supervisor.folder, 'layer.tar');
        const left = NOT_OF_THE_IMAGE.map((name) => `--exclude=./${name}`);
        const tools = await layerOf(path, tar, root, left);
        for (const version of versions) {
          const content = join(supervisor.folder, version);
          const folder = join(content, 'opt/weka/driver-source');
          await mkdir(folder, { recursive: true });
          await cp(SOURCES, folder, { recursive: true });
          const kbuild = await readFile(join(folder, 'Kbuild'), 'utf8');
          await writeFile(join(folder, 'Kbuild'), kbuild.replace(/^obj-m := .*$/m, `obj-m := ${BUILT}`));
          const etc = join(content, 'etc');
          await mkdir(etc);
          await writeFile(join(etc, 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
          // A name that Debian gives when packages are configured.
          await mkdir(join(content, 'usr/bin'), { recursive: true });
          await symlink('mawk', join(content, 'usr/bin/awk'));
          await addImage(path, imageName(version), [tools, await layerOf(path, tar, content)], {
            Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
          });
        }
      } finally {
        await supervisor.end();
      }
    },
  });
  return versions.map((version) => ({ name: imageName(version), layout }));
}

/** As manifests name it. */
export function imageName(version: string): string {
  return `${IMAGE}:${version}`;
}

async function layerOf(
  layout: string,
  tar: string,
  folder: string,
  options: readonly string[] = [],
): Promise<Descriptor> {
  const { exitCode, stderr } = await run('tar', ['-c', '-f', tar, ...options, '-C', folder, '.']);
  if (exitCode !== 0) throw new Error(`tar failed: ${stderr}`);
  return await addLayer(layout, tar);
}
