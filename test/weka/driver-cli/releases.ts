import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from './failure.ts';
import type { Place } from './place.ts';

/** What the stand-in's `release/VERSION.spec` holds. The real one's form is not known but for its `feature_flags`. */
export interface ReleaseSpec {
  readonly feature_flags: string;
  /** Stands in the names of this version's packages of drivers. */
  readonly driver_hash: string;
}

/** A spec as the stand-in writes it. */
export function releaseSpec(version: string): ReleaseSpec {
  return { feature_flags: '', driver_hash: hex(`drivers of ${version}`) };
}

/** Versions that are there, of which the first is in use. */
export async function versions({ dist }: Place): Promise<readonly string[]> {
  const names = await readdir(join(dist, 'release')).catch(() => []);
  return names
    .filter((name) => name.endsWith('.spec'))
    .map((name) => name.slice(0, -'.spec'.length))
    .toSorted();
}

export async function readSpec({ dist }: Place, version: string): Promise<ReleaseSpec> {
  const file = join(dist, 'release', `${version}.spec`);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Failure(`error: Version missing: ${version}`);
  });
  return JSON.parse(text) as ReleaseSpec;
}

/** What stands for a kernel in the names of packages. */
export function kernelSignature(
  { kernel, architecture }: Pick<Place, 'kernel' | 'architecture'>,
  buildId: string | undefined,
): string {
  return hex(`kernel ${buildId ?? kernel} ${architecture}`);
}

/** The name of a version's package of drivers. */
export async function packageName(place: Place, version: string, signature: string): Promise<string> {
  const { driver_hash: hash } = await readSpec(place, version);
  return `weka-driver-${hash}-${signature}.zip`;
}

function hex(text: string): string {
  return createHash('md5').update(text).digest('hex').slice(0, 16);
}
