import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Place } from '../place.ts';
import { packageName } from '../releases.ts';
import { run } from '../run.ts';
import { unzip, type ZipEntry } from '../zip.ts';
import type { About } from './driver.ts';

/** Each before those that need it; any other comes last. */
const ORDER = ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'];

/** `weka driver install`: loads what a package of the dist folder has, save what is loaded by name. */
export async function install(place: Place, about: About): Promise<string> {
  const loaded = await loadedModules(place);
  let said = '';
  await eachModule(place, about, async (path, name) => {
    if (loaded.has(name)) return;
    // What is not of the package is of the kernel; what is there already does no harm.
    for (const needed of (await run('modinfo', ['-F', 'depends', path])).trim().split(',')) {
      if (needed !== '' && !ORDER.includes(needed)) await run('modprobe', [needed]);
    }
    await run('insmod', [path]);
    said += `Loaded ${name}\n`;
  });
  return said;
}

/** `weka driver ready`: fails unless the modules of the package are the loaded ones. */
export async function ready(place: Place, about: About): Promise<string> {
  const loaded = await loadedModules(place);
  await eachModule(place, about, async (path, name) => {
    if (!loaded.has(name)) throw new Failure(`error: ${name} is not loaded`);
    for (const field of ['version', 'srcversion']) {
      const there = await readFile(join(place.root, 'sys/module', name, field), 'utf8').catch(() => '');
      const wanted = await run('modinfo', ['-F', field, path]);
      if (there.trim() !== wanted.trim()) throw new Failure(`error: another ${name} is loaded`);
    }
  });
  return '';
}

async function eachModule(
  place: Place,
  { version, signature }: About,
  does: (path: string, name: string) => Promise<void>,
): Promise<void> {
  const file = await packageName(place, version, signature);
  const bytes = await readFile(join(place.dist, 'drivers', file)).catch(() => {
    throw new Failure(`error: The drivers of ${version} are not there: ${file}`);
  });
  const folder = await mkdtemp(join(tmpdir(), 'weka-driver-'));
  try {
    for (const { name, content } of inOrder(entriesOf(bytes, file))) {
      await writeFile(join(folder, name), content);
      await does(join(folder, name), moduleOf(name));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function entriesOf(bytes: Buffer, file: string): readonly ZipEntry[] {
  try {
    return unzip(bytes);
  } catch (error) {
    throw new Failure(`error: ${file} is broken: ${(error as Error).message}`);
  }
}

function inOrder(entries: readonly ZipEntry[]): readonly ZipEntry[] {
  const place = ({ name }: ZipEntry) => {
    const at = ORDER.indexOf(moduleOf(name));
    return at === -1 ? ORDER.length : at;
  };
  return entries.toSorted((one, other) => place(one) - place(other));
}

/** The kernel's name of a module: `vfio-pci.ko` is `vfio_pci`. */
function moduleOf(file: string): string {
  return file.replace(/\.ko$/, '').replaceAll('-', '_');
}

async function loadedModules({ root }: Place): Promise<ReadonlySet<string>> {
  const text = await readFile(join(root, 'proc/modules'), 'utf8').catch(() => '');
  return new Set(text.split('\n').map((line) => line.split(' ')[0] ?? ''));
}
