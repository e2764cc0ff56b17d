import { tooLarge } from '../errors.ts';
import { describeBytes, describeCount, type Limits } from '../limits.ts';

/** Beyond the limit it is only counted, so that the message can say how many there are; up to this many times it. */
const COUNTED = 10;

/** How much lies below a path, against what may. */
export class ManifestBudget {
  readonly #where: string;
  readonly #limits: Limits;
  #entries = 0;
  #files = 0;
  #bytes = 0;

  /** `where` is the path as messages call it. */
  constructor(where: string, limits: Limits) {
    this.#where = where;
    this.#limits = limits;
  }

  /** One more file or folder. False once there are too many for any to be worth keeping. */
  entry(isManifest: boolean): boolean {
    this.#entries++;
    if (isManifest) this.#files++;
    if (this.#entries > this.#limits.entries * COUNTED) {
      throw this.#refused(
        `more than ${describeCount(this.#limits.entries * COUNTED)} files and folders`,
        'entries',
      );
    }
    return this.#entries <= this.#limits.entries && this.#files <= this.#limits.files;
  }

  /** Call it when all has been counted, before anything is read. */
  check(): void {
    if (this.#files > this.#limits.files)
      throw this.#refused(`${describeCount(this.#files)} manifests`, 'files');
    if (this.#entries > this.#limits.entries) {
      throw this.#refused(`${describeCount(this.#entries)} files and folders`, 'entries');
    }
  }

  read(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#limits.totalBytes) return;
    throw tooLarge(
      `${this.#where} has manifests of more than ${describeBytes(this.#limits.totalBytes)} in all`,
      { bytes: this.#limits.totalBytes },
      NARROWER,
    );
  }

  #refused(what: string, limit: 'files' | 'entries') {
    const unit = limit === 'files' ? 'manifests' : 'files and folders';
    return tooLarge(`${this.#where} has ${what}`, { count: this.#limits[limit], unit }, NARROWER);
  }
}

const NARROWER =
  'Set repository.path to a narrower folder, the one that holds the manifests of this cluster.';
