import type { Oid } from '../objects/git-object.ts';
import { mergeTooLarge } from './merge-errors.ts';
import type { MergeObjects } from './merge-objects.ts';
import { type Entry, isPlain } from './raw-folder.ts';

/** Git takes a file for another that was moved where half of it is the same. It counts a little otherwise than we do. */
const ALIKE = 0.4;
/** Git compares pieces that end with a line, or with so many bytes. */
const PIECE_BYTES = 64;
/** Larger files are not compared, and taken to be alike where their sizes are. */
const MOST_BYTES = 1024 * 1024;
/** What is compared for one merge, a pair of files being one at least. */
const MOST_PIECES = 30_000_000;
/** Pieces that are kept, of whichever contents. */
const KEPT_PIECES = 500_000;

/** How many bytes of a content are in pieces of each kind. */
interface Pieces {
  readonly bytes: number;
  /** Undefined where it is too large to look at. */
  readonly counts: ReadonlyMap<string, number> | undefined;
}

/** Tells whether a file may be another one that was moved and changed a little. In doubt it says so. */
export class Likeness {
  readonly #objects: MergeObjects;
  readonly #known = new Map<Oid, Pieces>();
  #kept = 0;
  #compared = 0;

  constructor(objects: MergeObjects) {
    this.#objects = objects;
  }

  async mayBeMoved(from: Entry, to: Entry): Promise<boolean> {
    const pause = this.#objects.work.step();
    if (pause !== undefined) await pause;
    this.#count(1);
    if (from.oid === to.oid) return !isPlain(from) || (await this.#pieces(from.oid)).bytes > 0;
    if (!isPlain(from) || !isPlain(to)) return false;
    if (this.#objects.isUnknown(from.oid) || this.#objects.isUnknown(to.oid)) return true;
    const [old, fresh] = [await this.#pieces(from.oid), await this.#pieces(to.oid)];
    const [less, most] = [Math.min(old.bytes, fresh.bytes), Math.max(old.bytes, fresh.bytes)];
    if (less === 0 || less < most * ALIKE) return false;
    if (old.counts === undefined || fresh.counts === undefined) return true;
    this.#count(old.counts.size);
    let same = 0;
    for (const [piece, bytes] of old.counts) same += Math.min(bytes, fresh.counts.get(piece) ?? 0);
    return same >= most * ALIKE;
  }

  /** Whether any of some files may be the one that was moved. */
  async isAny(from: Iterable<Entry>, to: Entry): Promise<boolean> {
    for (const entry of from) if (await this.mayBeMoved(entry, to)) return true;
    return false;
  }

  #count(pieces: number): void {
    this.#compared += pieces;
    if (this.#compared <= MOST_PIECES) return;
    throw mergeTooLarge(
      'The pull request and its base have moved or deleted too many files to tell which is which',
      '30 million pieces of them',
    );
  }

  async #pieces(oid: Oid): Promise<Pieces> {
    const known = this.#known.get(oid);
    if (known !== undefined) return known;
    const content = await this.#objects.file(oid, MOST_BYTES);
    const pieces =
      typeof content === 'number'
        ? { bytes: content, counts: undefined }
        : { bytes: content.byteLength, counts: await this.#countPieces(content) };
    this.#keep(oid, pieces);
    this.#count(sizeOf(pieces));
    return pieces;
  }

  #keep(oid: Oid, pieces: Pieces): void {
    this.#known.set(oid, pieces);
    this.#kept += sizeOf(pieces);
    for (const [oldest, old] of this.#known) {
      if (this.#kept <= KEPT_PIECES || oldest === oid) return;
      this.#known.delete(oldest);
      this.#kept -= sizeOf(old);
    }
  }

  async #countPieces(content: Uint8Array): Promise<ReadonlyMap<string, number>> {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const counts = new Map<string, number>();
    let newline = -1;
    for (let at = 0; at < bytes.length;) {
      const pause = this.#objects.work.step();
      if (pause !== undefined) await pause;
      if (newline < at) newline = bytes.indexOf(0x0a, at);
      if (newline === -1) newline = bytes.length;
      const end = Math.min(newline + 1, bytes.length, at + PIECE_BYTES);
      // Git does not tell both ends of a line apart.
      const piece = bytes.toString('latin1', at, end).replace('\r\n', '\n');
      counts.set(piece, (counts.get(piece) ?? 0) + end - at);
      at = end;
    }
    return counts;
  }
}

/** What it takes to keep them. */
function sizeOf({ counts }: Pieces): number {
  return 1 + (counts?.size ?? 0);
}
