import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import { get } from '../get.ts';
import type { Place } from '../place.ts';
import { packageName } from '../releases.ts';
import type { About } from './driver.ts';
import { version as versionVerb } from './version.ts';

const FAILED = 'error: Failed to download the drivers';

/** `weka driver download`: gets a package, or without an address looks whether it is there. */
export async function download(
  place: Place,
  { version, signature, from }: About & { readonly from?: string },
): Promise<string> {
  if (from !== undefined) await versionVerb(place, ['get', '--driver-only', version, '--from', from]);
  const name = await packageName(place, version, signature);
  const path = join(place.dist, 'drivers', name);
  if (from === undefined) {
    await access(path).catch(() => {
      throw new Failure(FAILED);
    });
    return '';
  }
  const bytes = await get(from, `drivers/${name}`);
  if (bytes === undefined) throw new Failure(FAILED);
  await mkdir(join(place.dist, 'drivers'), { recursive: true });
  await writeFile(path, bytes);
  return `Downloaded ${name}\n`;
}
