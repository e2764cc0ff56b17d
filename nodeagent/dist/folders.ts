import { DRIVERS_PATH, PackageFile } from '../../schemas/drivers/package.ts';

/** What a distribution service has, in WEKA's own layout (weka-operator §3.2): a folder each, with nothing but files. */
export const AREAS = ['drivers', 'image', 'release'] as const;
export type Area = (typeof AREAS)[number];

/** The name of a file with the digest of the one that it is named after. */
export const DIGEST_SUFFIX = '.sha256';

const BASE = DRIVERS_PATH.slice(0, DRIVERS_PATH.lastIndexOf('/'));

/** A file of the service, or the list of an area where it has no name. */
export interface Place {
  readonly area: Area;
  readonly file: string;
}

/** The place that the target of a request names; undefined where it names none. It never leads out of an area. */
export function placeOf(target: string): Place | undefined {
  const [path = ''] = target.split(/[?#]/, 1);
  if (!path.startsWith(`${BASE}/`)) return undefined;
  const [area, encoded, ...deeper] = path.slice(BASE.length + 1).split('/');
  const known = AREAS.find((each) => each === area);
  if (known === undefined || encoded === undefined || deeper.length > 0) return undefined;
  const file = decoded(encoded);
  if (file === '') return { area: known, file };
  return file !== undefined && isFileName(file) ? { area: known, file } : undefined;
}

/** Whether a file may have this name: never a path, and never hidden. */
export function isFileName(name: string): boolean {
  return PackageFile.safeParse(name).success;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
