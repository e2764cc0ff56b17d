import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Place } from '../place.ts';
import { packageName } from '../releases.ts';
import { run } from '../run.ts';
import { zip } from '../zip.ts';
import type { About } from './driver.ts';

/** `weka driver pack`, and `weka driver sign KEY --pack`: builds the modules for this kernel into a package in the dist folder. */
export async function pack(
  place: Place,
  { version, signature, key }: About & { readonly key?: string },
): Promise<string> {
  const { sources, buildsFor = place.kernel } = place.settings;
  if (sources === undefined) throw new Failure('error: There are no sources of drivers in this version');
  const name = await packageName(place, version, signature);
  const headers = join(place.root, 'lib/modules', buildsFor, 'build');
  const work = await mkdtemp(join(tmpdir(), 'weka-driver-'));
  try {
    await cp(sources, work, { recursive: true });
    await run('make', ['-C', headers, `M=${work}`, `WEKA_VERSION=${version}`, 'modules']);
    const built = (await readdir(work)).filter((file) => file.endsWith('.ko')).toSorted();
    if (built.length === 0) throw new Failure('error: The build made no driver');
    for (const file of built) {
      await run('strip', ['--strip-debug', join(work, file)]);
      // One file has the key and its certificate, as that of a kernel has.
      if (key !== undefined) {
        await run(join(headers, 'scripts/sign-file'), ['sha256', key, key, join(work, file)]);
      }
    }
    const entries = built.map(async (file) => ({ name: file, content: await readFile(join(work, file)) }));
    const folder = join(place.dist, 'drivers');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.part`), zip(await Promise.all(entries)));
    await rename(join(folder, `${name}.part`), join(folder, name));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return `Packed ${name}\n`;
}
