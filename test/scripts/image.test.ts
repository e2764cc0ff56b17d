import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Materials } from '../../scripts/bill-of-materials.ts';
import { billOfMaterials } from '../../scripts/bill-of-materials.ts';
import { RUNTIME } from '../../scripts/bundle.ts';
import { startScript } from '../../scripts/image.ts';
import { scratchFolder } from '../cluster/scratch.ts';

const checkout = join(import.meta.dirname, '../..');

describe('bundle', () => {
  it('writes of the same sources the same bytes, wherever they are', async () => {
    const one = await copyOf(checkout);
    const other = await copyOf(one);
    for (const copy of [one, other]) {
      const args = [join(copy, 'scripts/bundle.ts'), join(copy, 'made')];
      await promisify(execFile)(process.execPath, args, { cwd: copy });
    }
    expect(await digests(join(other, 'made'))).toEqual(await digests(join(one, 'made')));
  }, 120_000);
});

/** What is bundled of a checkout, in another folder. */
async function copyOf(from: string): Promise<string> {
  const folder = await scratchFolder();
  for (const part of ['nodeagent', 'package.json', 'reconciler', 'schemas', 'scripts'])
    await cp(join(from, part), join(folder, part), { recursive: true });
  await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Of each file of a bundle. What Node compiled for this machine is another matter. */
async function digests(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.mjs')).toSorted();
  expect(files.length).toBeGreaterThan(2);
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(join(folder, file)))
      .digest('hex');
  return Promise.all(files.map(async (file) => `${file} ${await digest(file)}`));
}

describe('startScript', () => {
  it('starts Node as the bench does', () => {
    const text = startScript('/app/weka-gitops.mjs');
    const env = Object.entries(RUNTIME.env).map(([name, value]) => `${name}=${value}`);
    expect(text).toBe(
      `#!/bin/sh\nexport ${env.join(' ')} NODE_COMPILE_CACHE=/app/compiled\n` +
        `exec node ${RUNTIME.flags.join(' ')} /app/weka-gitops.mjs "$@"\n`,
    );
  });
});

describe('billOfMaterials', () => {
  const materials: Materials = {
    programs: [
      programOf(
        'node_modules/yaml/dist/index.js',
        'node_modules/@noble/curves/ed25519.js',
        'reconciler/main.ts',
      ),
      programOf('late-http2:/elsewhere/node_modules/undici/lib/dispatcher/client-h2.js'),
    ],
    node: '24.21.0',
    osRelease: 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
    dpkgStatus:
      'Package: kmod\nStatus: install ok installed\nArchitecture: amd64\nVersion: 30+20221128-1\n\n' +
      'Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n' +
      'Package: libstdc++6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:12.2.0-14\n',
    goModules:
      '/out/kustomize: go1.26.8\n\tpath\texample.test/tool\n\tmod\texample.test/tool\tv1.2.3\th1:x=\n' +
      '\tdep\texample.test/old\tv1.0.0\n\t=>\texample.test/new\tv1.1.0\th1:y=\n\tbuild\tCGO_ENABLED=0\n',
  };

  it('names what is bundled, Node, and the packages of the system, and nothing else', async () => {
    const { components } = await billOfMaterials(materials);
    expect(components.map((component) => component['bom-ref'])).toEqual([
      expect.stringMatching(/^@noble\/curves@/),
      expect.stringMatching(/^undici@/),
      expect.stringMatching(/^yaml@/),
      'pkg:generic/node@24.21.0',
      'debian-12',
      'pkg:deb/debian/kmod@30%2B20221128-1?arch=amd64&distro=debian-12',
      'pkg:deb/debian/libstdc%2B%2B6@1%3A12.2.0-14?arch=amd64&distro=debian-12',
      'pkg:golang/example.test/tool@v1.2.3',
      'pkg:golang/example.test/new@v1.1.0',
    ]);
  });

  it('says on what packages depend, as far as these are named', async () => {
    const { metadata, dependencies } = await billOfMaterials(materials);
    const own = dependencies.find(({ ref }) => ref === metadata.component['bom-ref']);
    expect(own?.dependsOn).toEqual([expect.stringMatching(/^undici@/), expect.stringMatching(/^yaml@/)]);
  });

  it('is the same of the same', async () => {
    const [one, other] = [await billOfMaterials(materials), await billOfMaterials(materials)];
    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one).not.toHaveProperty('serialNumber');
    expect(one.metadata).not.toHaveProperty('timestamp');
  });

  it('refuses a package that the lock file does not have', async () => {
    const asked = billOfMaterials({
      ...materials,
      programs: [programOf('node_modules/unheard-of/index.js')],
    });
    await expect(asked).rejects.toThrow('package-lock.json has no unheard-of.');
  });
});

/** What esbuild says of a program of these files. */
function programOf(...paths: readonly string[]): Materials['programs'][number] {
  const inputs = Object.fromEntries(paths.map((path) => [path, { bytesInOutput: 1 }]));
  return { inputs: {}, outputs: { 'app.mjs': { bytes: 1, inputs, imports: [], exports: [] } } };
}
