import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, readFile, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Sha256 } from '../../schemas/drivers/package.ts';
import { DistFolderError } from './errors.ts';
import { AREAS, DIGEST_SUFFIX, isFileName, type Place } from './folders.ts';
import { hashOf } from './hash-file.ts';
import { receiveFile } from './receive-file.ts';
import { UseOrder } from './use-order.ts';

/** What is on its way in; the same file system, so that a rename is all that is left to do. */
const INCOMING = '.incoming';

/** No file has this digest. */
export const BROKEN = 'broken';

/** What a volume says that is broken, or not reached for now. */
const NOT_GIVEN = new Set(['EIO', 'EREMOTEIO', 'ESTALE', 'ETIMEDOUT', 'ENXIO']);

/** What is known of a file before it is hashed. */
export interface FoundFile {
  readonly bytes: number;
  /** What is written beside it; undefined where there is nothing, BROKEN where that is no digest. */
  readonly digest: string | undefined;
}

/**
 * Files on a disk, in a folder for each area, each with its digest beside it as sha256sum prints it. What is there under its name
 * is whole: it comes by a rename after all of it is on the disk.
 */
export class PackageFolder {
  readonly path: string;
  readonly #order: UseOrder;

  constructor(path: string) {
    this.path = path;
    this.#order = new UseOrder(path);
  }

  /** Makes the folders, and removes what an earlier process did not end; gives what is there, what was not used for longest first. */
  async prepare(): Promise<readonly Place[]> {
    await rm(join(this.path, INCOMING), { recursive: true, force: true });
    await mkdir(join(this.path, INCOMING), { recursive: true });
    const places: Place[] = [];
    for (const area of AREAS) {
      await mkdir(join(this.path, area), { recursive: true });
      // A link to a folder would give out what is there.
      if (!(await lstat(join(this.path, area))).isDirectory())
        throw new DistFolderError(area, { code: 'ENOTDIR' });
      const names = await readdir(join(this.path, area));
      for (const file of names) {
        const of = file.endsWith(DIGEST_SUFFIX) ? file.slice(0, -DIGEST_SUFFIX.length) : undefined;
        if (of === undefined) places.push({ area, file });
        else if (!names.includes(of)) await rm(this.#at({ area, file }), { force: true });
      }
    }
    return await this.#inOrder(places);
  }

  /** The file at this place, unless it is none that a service may give out: no link is followed. */
  async look(place: Place): Promise<FoundFile | undefined> {
    if (!isFileName(place.file) || place.file.endsWith(DIGEST_SUFFIX)) return undefined;
    const found = await lstat(this.#at(place)).catch(absent);
    if (found?.isFile() !== true) return undefined;
    const text = await readFile(`${this.#at(place)}${DIGEST_SUFFIX}`, 'utf8').catch(absent);
    const digest = text === undefined ? undefined : (Sha256.safeParse(text.slice(0, 64)).data ?? BROKEN);
    return { bytes: found.size, digest };
  }

  async open(place: Place): Promise<FileHandle | undefined> {
    return await open(this.#at(place), constants.O_RDONLY | constants.O_NOFOLLOW).catch(absent);
  }

  /** What its bytes are now. */
  async hash(place: Place): Promise<{ sha256: string; bytes: number } | 'absent' | 'unreadable'> {
    try {
      const handle = await this.open(place);
      if (handle === undefined) return 'absent';
      try {
        return await hashOf(handle);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (NOT_GIVEN.has((error as NodeJS.ErrnoException).code ?? '')) return 'unreadable';
      throw error;
    }
  }

  /** A place for what is on its way, that nobody else has. */
  newPart(): string {
    return join(this.path, INCOMING, randomUUID());
  }

  /** Gives a whole file its name. */
  async keep(place: Place, part: string, sha256: string): Promise<void> {
    // Its digest first: one that is alone is removed at the next start, a file that is alone would be trusted.
    await this.writeDigest(place, sha256);
    await rename(part, this.#at(place));
    await using folder = await open(join(this.path, place.area));
    await folder.sync();
  }

  async writeDigest(place: Place, sha256: string): Promise<void> {
    const part = this.newPart();
    const line = Buffer.from(`${sha256}  ${place.file}\n`);
    try {
      await receiveFile(part, [line], line.length);
      await rename(part, `${this.#at(place)}${DIGEST_SUFFIX}`);
    } finally {
      await rm(part, { force: true });
    }
  }

  async remove(place: Place): Promise<void> {
    await rm(this.#at(place), { force: true });
    await rm(`${this.#at(place)}${DIGEST_SUFFIX}`, { force: true });
  }

  /** Keeps the order in which files were used. To be called by one at a time. */
  async noteOrder(places: readonly Place[]): Promise<void> {
    await this.#order.write(places.map(({ area, file }) => `${area}/${file}`));
  }

  async space(): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    const { blocks, bavail, bsize } = await statfs(this.path);
    return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
  }

  /** What has no place in the order has come since, the oldest first. */
  async #inOrder(places: readonly Place[]): Promise<readonly Place[]> {
    const order = new Map((await this.#order.read()).map((name, index) => [name, index]));
    const placed = [];
    for (const place of places) {
      const at = order.get(`${place.area}/${place.file}`) ?? order.size;
      const cameAt = at < order.size ? 0 : ((await lstat(this.#at(place)).catch(absent))?.mtimeMs ?? 0);
      placed.push({ place, at, cameAt });
    }
    return placed
      .toSorted((one, other) => one.at - other.at || one.cameAt - other.cameAt)
      .map(({ place }) => place);
  }

  #at({ area, file }: Place): string {
    return join(this.path, area, file);
  }
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
