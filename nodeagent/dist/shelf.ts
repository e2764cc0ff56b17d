import type { Log } from '../log.ts';
import type { Place } from './folders.ts';
import { BROKEN, type PackageFolder } from './package-folder.ts';
import type { StoredFile } from './stored-file.ts';

/** A file, and what is known of it. */
export interface Entry extends Place {
  bytes: number;
  /** Undefined for a file that somebody put there, until it is hashed. */
  sha256: string | undefined;
  readers: number;
  /** Whether it has its digest; undefined before anybody asks. */
  verified: Promise<boolean> | undefined;
  /** The disk did not give it when it was last asked. */
  isUnreadable?: boolean;
}

/** How soon the disk has in which order files are used. Only what goes first after a restart depends on it. */
const NOTE_MS = 5000;

/** What is known of the files of a folder. One that has rotted goes as soon as somebody looks. */
export class Shelf {
  readonly #folder: PackageFolder;
  readonly #log: Log;
  /** What was not used for longest first. */
  readonly #entries = new Map<string, Entry>();
  #noting: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(folder: PackageFolder, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** As they are now, what was not used for longest first: who goes through them may wait meanwhile. */
  get entries(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  get bytes(): number {
    return this.entries.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** What is known of a place without a look at the disk. */
  known(place: Place): Entry | undefined {
    return this.#entries.get(keyOf(place));
  }

  /** What there is at a place; what somebody has put there is taken in. */
  async look(place: Place): Promise<Entry | undefined> {
    const known = this.known(place);
    if (known !== undefined) return known;
    const found = await this.#folder.look(place);
    // It may have come in the meantime.
    const come = this.known(place);
    if (come !== undefined || found === undefined) return come;
    const { bytes, digest } = found;
    return this.#add({ ...place, bytes, sha256: digest, verified: undefined });
  }

  /** Gives a whole file, which has this digest, its name. To be called by `alone`. */
  async keep({ area, file, sha256, bytes }: StoredFile, part: string): Promise<void> {
    // From now on nobody may take what has this name for what had it before.
    this.#entries.delete(keyOf({ area, file }));
    await this.#folder.keep({ area, file }, part, sha256);
    this.#add({ area, file, bytes, sha256, verified: Promise.resolve(true) });
  }

  /** Removes a file, unless another has come in its place. To be called by `alone`. */
  async remove(entry: Entry): Promise<void> {
    if (this.forget(entry)) await this.#folder.remove(entry);
  }

  /** The file is not there any more. */
  forget(entry: Entry): boolean {
    return this.known(entry) === entry && this.#entries.delete(keyOf(entry));
  }

  /** Whether a file has its digest; `anew`: whether it still has. */
  async verify(entry: Entry, { anew = false } = {}): Promise<boolean> {
    if (!anew && entry.verified !== undefined) return await entry.verified;
    const verified = this.#hasItsDigest(entry);
    entry.verified = verified;
    // A fault that passes is no answer to keep.
    verified.then(
      () => entry.isUnreadable === true && (entry.verified = undefined),
      () => (entry.verified = undefined),
    );
    return await verified;
  }

  noteUse(entry: Entry): void {
    if (!this.forget(entry)) return;
    this.#entries.set(keyOf(entry), entry);
    this.#noteSoon();
  }

  /** Brings the order of use to the disk. On one that is full it stays as it was. */
  async noteOrder(): Promise<void> {
    clearTimeout(this.#noting);
    this.#noting = undefined;
    await this.alone(async () => await this.#folder.noteOrder(this.entries)).catch(() => undefined);
  }

  /** One change of what is there at a time. */
  async alone<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  #noteSoon(): void {
    this.#noting ??= setTimeout(() => void this.noteOrder(), NOTE_MS).unref();
  }

  #add(entry: Omit<Entry, 'readers'>): Entry {
    const added = { ...entry, readers: 0 };
    this.#entries.delete(keyOf(entry));
    this.#entries.set(keyOf(entry), added);
    this.#noteSoon();
    return added;
  }

  async #hasItsDigest(entry: Entry): Promise<boolean> {
    const found = await this.#folder.hash(entry);
    if (found === 'absent') {
      this.forget(entry);
      return false;
    }
    if (found === 'unreadable') {
      // A volume whose path is away for a moment says the same as one that is broken.
      if (entry.isUnreadable !== true)
        this.#log.warn(
          { ...stored(entry) },
          'Keeps a package that its volume does not give, and gives it to nobody',
        );
      entry.isUnreadable = true;
      return false;
    }
    if (entry.isUnreadable === true)
      this.#log.info({ ...stored(entry) }, 'Has a package again that its volume did not give');
    entry.isUnreadable = false;
    if (entry.sha256 !== undefined && entry.sha256 !== found.sha256) {
      await this.alone(async () => await this.remove(entry));
      this.#log.warn({ ...stored(entry), found: found.sha256 }, 'Dropped a package that has rotted');
      return false;
    }
    if (entry.sha256 === undefined) await this.#takeIn(entry, found);
    return true;
  }

  /** Somebody has put it there, so what it is now is what it shall be. */
  async #takeIn(
    entry: Entry,
    { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
  ): Promise<void> {
    entry.sha256 = sha256;
    entry.bytes = bytes;
    try {
      await this.#folder.writeDigest(entry, sha256);
      this.#log.info({ ...stored(entry) }, 'Took in a package that was put there');
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
      this.#log.warn({ ...stored(entry), reason }, 'Cannot keep the digest of a package');
    }
  }
}

export function stored({ area, file, bytes, sha256 = BROKEN }: Entry): StoredFile {
  return { area, file, sha256, bytes };
}

function keyOf({ area, file }: Place): string {
  return `${area}/${file}`;
}
