import { rm } from 'node:fs/promises';
import type { Log } from '../log.ts';
import { DistFolderError } from './errors.ts';
import type { Area, Place } from './folders.ts';
import { readInUse } from './in-use.ts';
import { leastUsed } from './least-used.ts';
import { PackageFolder } from './package-folder.ts';
import { receiveFile } from './receive-file.ts';
import { Shelf, stored } from './shelf.ts';
import type { OpenFile, Received, StoredFile } from './stored-file.ts';

export interface StoreOptions {
  readonly folder: string;
  /** File that says which packages are in use. */
  readonly inUse: string;
  /** How many bytes all files may have; 90 % of the file system where unset. */
  readonly budgetBytes?: number | undefined;
  readonly log: Log;
}

const OF_FILE_SYSTEM = 0.9;
/** A file system keeps something of its own for each file. */
const MARGIN_BYTES = 1 << 20;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** How a body ends that was cut. */
const CUT = new Set(['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR', 'EPIPE']);

/** What a distribution service has, within a budget. Nothing is given out before it was hashed since the start. */
export class PackageStore {
  readonly #options: StoreOptions;
  readonly #folder: PackageFolder;
  readonly #shelf: Shelf;
  /** Bytes of what is on its way. */
  #reserved = 0;
  /** Those of them that the disk has: they are free no more. */
  #written = 0;

  private constructor(options: StoreOptions) {
    this.#options = options;
    this.#folder = new PackageFolder(options.folder);
    this.#shelf = new Shelf(this.#folder, options.log);
  }

  /** Throws a DistFolderError where the folder cannot be read and written. */
  static async open(options: StoreOptions): Promise<PackageStore> {
    const store = new PackageStore(options);
    try {
      await store.#begin();
    } catch (error) {
      if (error instanceof DistFolderError || (error as NodeJS.ErrnoException).code === undefined)
        throw error;
      throw new DistFolderError(options.folder, error);
    }
    return store;
  }

  get count(): number {
    return this.#shelf.entries.length;
  }

  get bytes(): number {
    return this.#shelf.bytes;
  }

  /** How many bytes all files may have, and how many the disk has left. A disk that does not answer is not answered for. */
  async room(): Promise<{ readonly budgetBytes: number; readonly freeBytes: number }> {
    const { totalBytes, freeBytes } = await this.#folder.space();
    const { budgetBytes = Math.floor(totalBytes * OF_FILE_SYSTEM) } = this.#options;
    return { budgetBytes, freeBytes };
  }

  /** Hashes every file, also those that were before. What is not what it was goes, and the log says so. */
  async verifyAll(signal: AbortSignal): Promise<void> {
    for (const entry of this.#shelf.entries) {
      if (signal.aborted) return;
      await this.#shelf.verify(entry, { anew: true });
    }
  }

  /** What there is of an area, by name. */
  async list(area: Area): Promise<readonly StoredFile[]> {
    const files: StoredFile[] = [];
    for (const entry of this.#shelf.entries) {
      if (entry.area === area && (await this.#shelf.verify(entry))) files.push(stored(entry));
    }
    return files.toSorted((one, other) => (one.file < other.file ? -1 : 1));
  }

  async find(place: Place): Promise<StoredFile | undefined> {
    const entry = await this.#shelf.look(place);
    return entry !== undefined && (await this.#shelf.verify(entry)) ? stored(entry) : undefined;
  }

  /** As `find`, and keeps the file from being removed. */
  async open(place: Place): Promise<OpenFile | undefined> {
    const entry = await this.#shelf.look(place);
    if (entry === undefined) return undefined;
    entry.readers += 1;
    try {
      const handle = (await this.#shelf.verify(entry)) ? await this.#folder.open(place) : undefined;
      if (handle !== undefined && this.#shelf.known(place) !== entry) {
        // Another took its place, and it is not known which of the two this is.
        await handle.close();
        entry.readers -= 1;
        return await this.open(place);
      }
      if (handle !== undefined) {
        this.#shelf.noteUse(entry);
        const close = async () => {
          entry.readers -= 1;
          await handle.close();
        };
        return { file: stored(entry), handle, close };
      }
    } catch (error) {
      entry.readers -= 1;
      throw error;
    }
    entry.readers -= 1;
    // Somebody has removed it by hand.
    if (entry.isUnreadable !== true) this.#shelf.forget(entry);
    return undefined;
  }

  /** What a file with this digest would come to, before any of it is sent. What is there is hashed anew. */
  async foresee(place: Place, sha256: string): Promise<Received | undefined> {
    const entry = await this.#shelf.look(place);
    if (entry === undefined || !(await this.#shelf.verify(entry, { anew: true }))) return undefined;
    if (entry.sha256 !== sha256) {
      return (await this.#isMeant(place, sha256))
        ? undefined
        : { result: 'other', sha256: stored(entry).sha256 };
    }
    this.#shelf.noteUse(entry);
    return { result: 'there' };
  }

  /** Takes a file of so many bytes with this digest, and nothing else: of what is cut or differs nothing stays. */
  async receive(
    { area, file }: Place,
    { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
    body: AsyncIterable<Uint8Array>,
  ): Promise<Received> {
    const coming: StoredFile = { area, file, sha256, bytes };
    if (!(await this.#shelf.alone(async () => await this.#reserve(coming)))) return { result: 'full' };
    const part = this.#folder.newPart();
    let written = 0;
    const isWritten = (more: number) => {
      written += more;
      this.#written += more;
    };
    try {
      const got = await receiveFile(part, body, bytes, isWritten);
      if (got.bytes !== bytes) return { result: 'cut' };
      if (got.sha256 !== sha256) return { result: 'wrong-digest', sha256: got.sha256 };
      return await this.#shelf.alone(async () => await this.#keep(coming, part));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (NO_SPACE.has(code)) return { result: 'full' };
      if (CUT.has(code)) return { result: 'cut' };
      throw error;
    } finally {
      this.#reserved -= bytes;
      this.#written -= written;
      await rm(part, { force: true });
    }
  }

  /** Ends what is still to be written of what has been used. */
  async close(): Promise<void> {
    await this.#shelf.noteOrder();
  }

  async #keep(coming: StoredFile, part: string): Promise<Received> {
    const there = this.#shelf.known(coming);
    const isSame = there?.sha256 === coming.sha256;
    if (isSame && there.isUnreadable !== true) return { result: 'there' };
    if (there !== undefined && !isSame) {
      const { sha256 } = stored(there);
      if (!(await this.#isMeant(coming, coming.sha256))) return { result: 'other', sha256 };
      const { area, file } = coming;
      this.#options.log.warn({ area, file, from: sha256, to: coming.sha256 }, 'Replaces a package');
    }
    await this.#shelf.keep(coming, part);
    return { result: 'created' };
  }

  /** Whether it is what is asked for under this name by now, whatever was there before. */
  async #isMeant(place: Place, sha256: string): Promise<boolean> {
    const { inUse, log } = this.#options;
    return (await readInUse(inUse, log))?.isMeant(place, sha256) === true;
  }

  /** Makes room, and keeps it for what comes. */
  async #reserve({ area, file, bytes }: StoredFile): Promise<boolean> {
    const { budgetBytes, freeBytes } = await this.room();
    const over = this.bytes + this.#reserved + bytes - budgetBytes;
    const short = this.#reserved - this.#written + bytes + MARGIN_BYTES - freeBytes;
    if (!(await this.#free(Math.max(over, short)))) {
      const facts = { area, file, bytes, used: this.bytes, budgetBytes, freeBytes };
      this.#options.log.warn(facts, 'Has no room for a package');
      return false;
    }
    this.#reserved += bytes;
    return true;
  }

  /**
   * Removes what nobody has used for longest, but nothing that is being served or is in use; nothing at all where that is not enough,
   * or where it is not known what is in use. A use is an upload or a download. Whoever asks again for what went is told that it is
   * not here, and it has to be made again.
   */
  async #free(bytes: number): Promise<boolean> {
    if (bytes <= 0) return true;
    const { inUse: path, log } = this.#options;
    const inUse = await readInUse(path, log);
    if (inUse === undefined) return false;
    const idle = this.#shelf.entries.filter((entry) => entry.readers === 0 && !inUse.has(entry));
    const gone = leastUsed(idle, bytes);
    for (const entry of gone ?? []) {
      await this.#shelf.remove(entry);
      log.warn({ ...stored(entry) }, 'Removed a package to make room');
    }
    return gone !== undefined;
  }

  async #begin(): Promise<void> {
    for (const place of await this.#folder.prepare()) {
      if ((await this.#shelf.look(place)) === undefined) {
        this.#options.log.warn({ ...place }, 'Ignores what is no file, or has no name of one');
      }
    }
    // A budget may be smaller than it was.
    await this.#free(this.bytes - (await this.room()).budgetBytes);
  }
}
