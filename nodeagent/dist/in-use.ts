import { readFile } from 'node:fs/promises';
import { PackagesInUse } from '../../schemas/drivers/packages-in-use.ts';
import type { Log } from '../log.ts';
import type { Area, Place } from './folders.ts';

/** Packages of these are what the reconciler knows about. */
const KNOWN_AREA: Area = 'drivers';

/** What the reconciler says of packages: which ones somebody may ask for, and which bytes have to be under their names. */
export class InUse {
  readonly #digests: ReadonlyMap<string, string>;

  constructor({ packages }: PackagesInUse) {
    this.#digests = new Map(packages.map(({ file, sha256 }) => [file, sha256]));
  }

  /** Whether a file has to stay; one whose digest nobody knows yet may be the one that is meant. */
  has({ area, file, sha256 }: Place & { readonly sha256: string | undefined }): boolean {
    const digest = area === KNOWN_AREA ? this.#digests.get(file) : undefined;
    return digest !== undefined && (sha256 === undefined || sha256 === digest);
  }

  /** Whether these bytes are what has to be under this name, so that others there make way for them. */
  isMeant({ area, file }: Place, sha256: string): boolean {
    return area === KNOWN_AREA && this.#digests.get(file) === sha256;
  }
}

/** Reads the list as it is now, since it changes as nodes do; undefined where it cannot be read, and the log says why. */
export async function readInUse(path: string, log: Log): Promise<InUse | undefined> {
  try {
    return new InUse(PackagesInUse.parse(JSON.parse(await readFile(path, 'utf8'))));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'it is not there' : (code ?? 'it is no list of this version');
    log.warn({ path, reason }, 'Does not know which packages are in use, and removes none');
    return undefined;
  }
}
