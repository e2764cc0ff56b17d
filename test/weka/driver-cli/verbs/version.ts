import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { get } from '../get.ts';
import { optionsOf } from '../options.ts';
import type { Place } from '../place.ts';
import { readSpec, versions } from '../releases.ts';

/** `weka version …`: which versions are there, and getting one. */
export async function version(place: Place, args: readonly string[]): Promise<string> {
  const { values, positionals } = optionsOf(args, ['json', 'driver-only', 'without-agent', 'from']);
  const [verb, name] = positionals;
  const all = await versions(place);
  switch (verb) {
    case undefined:
      return values.json === true
        ? `${JSON.stringify(all)}\n`
        : all.map((each, index) => `${index === 0 ? '* ' : '  '}${each}\n`).join('');
    case 'current':
      if (all[0] === undefined) throw new Failure('error: No version is set');
      return `${all[0]}\n`;
    case 'set':
      if (name === undefined || !all.includes(name))
        throw new Failure(`error: Version missing: ${name ?? ''}`);
      return '';
    case 'get':
      return await getVersion(place, name, values.from);
    default:
      throw new Failure(`error: unrecognized command 'version ${verb}'`, 2);
  }
}

async function getVersion(place: Place, name: string | undefined, from: string | undefined): Promise<string> {
  if (name === undefined) throw new Failure('error: the version is required', 2);
  if (from === undefined) {
    await readSpec(place, name);
    return '';
  }
  const spec = await get(from, `release/${name}.spec`);
  if (spec === undefined) throw new Failure(`error: Version missing: ${name}`);
  await mkdir(join(place.dist, 'release'), { recursive: true });
  await writeFile(join(place.dist, 'release', `${name}.spec`), spec);
  return `Got ${name}\n`;
}
