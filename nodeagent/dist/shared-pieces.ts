import type { FileHandle } from 'node:fs/promises';
import { MOST_HELD } from './connections.ts';

/** Everybody gets at least this at a time, of whom there are only so many. */
const LEAST = 1 << 15;
/** Larger ones do not stay in the cache of a CPU between being read, encrypted and sent. */
export const LARGEST_PIECE = 1 << 18;
/** What there is beyond the least, for all of them. */
const SPARE = 64 << 20;
/** Nobody takes more of what is left, so that there is some for those who come later. */
const SHARE = 8;
/** So much of what was sent is kept for those who come to it a little later. */
const KEPT = 2 << 20;

/** The most that all pieces take together: of each who is sent something the one on its way, and the next. */
export const PIECES_MEMORY = MOST_HELD.all * 2 * LEAST + SPARE + KEPT;

/** A file that is open, by a name that no other bytes have. */
export interface PieceSource {
  readonly handle: FileHandle;
  readonly name: string;
}

/** Bytes of a file; none behind its end. They have to be given back once, and nothing may be written to them. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly giveBack: () => void;
}

interface Held {
  readonly key: string;
  readonly buffer: Buffer;
  readonly read: Promise<number>;
  users: number;
}

/**
 * Pieces of files on their way. Many nodes ask for the same package at once: what is read for one is sent to all that come to it
 * while it is there. Whoever is behind is not kept waiting by the disk, and so catches up with the first.
 */
export class SharedPieces {
  /** What was not taken for longest first. */
  readonly #held = new Map<string, Held>();
  #readers = 0;
  #usedBytes = 0;
  #bytes = 0;

  /** All memory of pieces, whether somebody has them or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Somebody takes pieces, until the function that it gives is called. */
  begin(): () => void {
    this.#readers += 1;
    return () => {
      this.#readers -= 1;
      this.#keepAtMost(this.#mostKept);
    };
  }

  /** Bytes of a file from `at` on, for whoever wants so many of them: the first of these, as many as are best sent at once now. */
  async take({ handle, name }: PieceSource, at: number, wanted: number): Promise<Piece> {
    const size = this.#sizeFor(wanted);
    const from = at - (at % size);
    const key = `${name} ${size} ${from}`;
    const held = this.#held.get(key) ?? this.#begin(handle, key, from, size);
    this.#use(held);
    try {
      const bytes = held.buffer.subarray(at - from, await held.read);
      return { bytes, giveBack: () => this.#giveBack(held) };
    } catch (error) {
      // Who comes next tries anew.
      if (this.#isThere(held)) this.#held.delete(key);
      this.#giveBack(held);
      throw error;
    }
  }

  #sizeFor(wanted: number): number {
    const most = (SPARE - this.#usedBytes) / SHARE;
    let size = LARGEST_PIECE;
    while (size > LEAST && (size > most || size >= 2 * wanted)) size /= 2;
    return size;
  }

  #begin(handle: FileHandle, key: string, from: number, size: number): Held {
    const buffer = this.#bufferOf(size);
    const read = handle.read(buffer, 0, size, from).then(({ bytesRead }) => bytesRead);
    const held = { key, buffer, read, users: 0 };
    this.#held.set(key, held);
    return held;
  }

  /** That of the piece which nobody has taken for longest, where as much is kept as may be. */
  #bufferOf(size: number): Buffer {
    if (this.#keptBytes + size > this.#mostKept) {
      for (const held of this.#held.values()) {
        if (held.users > 0 || held.buffer.length !== size) continue;
        this.#held.delete(held.key);
        return held.buffer;
      }
    }
    this.#bytes += size;
    return Buffer.allocUnsafeSlow(size);
  }

  #use(held: Held): void {
    held.users += 1;
    if (held.users === 1) this.#usedBytes += held.buffer.length;
    this.#held.delete(held.key);
    this.#held.set(held.key, held);
  }

  #giveBack(held: Held): void {
    held.users -= 1;
    if (held.users > 0) return;
    this.#usedBytes -= held.buffer.length;
    if (this.#isThere(held)) this.#keepAtMost(this.#mostKept);
    else this.#bytes -= held.buffer.length;
  }

  #isThere(held: Held): boolean {
    return this.#held.get(held.key) === held;
  }

  /** Of pieces that nobody has. */
  get #keptBytes(): number {
    return this.#bytes - this.#usedBytes;
  }

  /** One alone needs no more than a place for the next. */
  get #mostKept(): number {
    return this.#readers > 1 ? KEPT : this.#readers * LARGEST_PIECE;
  }

  #keepAtMost(bytes: number): void {
    if (this.#keptBytes <= bytes) return;
    for (const held of this.#held.values()) {
      if (held.users > 0) continue;
      this.#held.delete(held.key);
      this.#bytes -= held.buffer.length;
      if (this.#keptBytes <= bytes) return;
    }
  }
}
