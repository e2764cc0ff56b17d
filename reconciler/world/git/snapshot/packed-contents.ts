import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Oid } from '../objects/git-object.ts';

/** Contents that are packed together: enough to pack well, and little to unpack for one of them. */
const BLOCK_BYTES = 128 * 1024;
/** A block of which less is still used is packed anew, so that what many commits leave behind stays small. */
const WORTH_KEEPING = 0.5;

/**
 * Contents of files by their oid, kept for long and seldom asked for: once its manifests are read, a file is looked at
 * only where a place in it has to be shown. Each is given as a copy.
 */
export class PackedContents {
  readonly #contents = new Map<Oid, PackedContent>();
  readonly #last: Unpacked;
  #open: Block | undefined;

  constructor(last: Unpacked = { block: undefined, bytes: new Uint8Array() }) {
    this.#last = last;
  }

  /** Those of `oids` that are here, to which others may be added. */
  of(oids: Iterable<Oid>): PackedContents {
    const known = new Map<Oid, PackedContent>();
    const used = new Map<Block, number>();
    for (const oid of oids) {
      const content = this.#contents.get(oid);
      if (content === undefined || known.has(oid)) continue;
      known.set(oid, content);
      used.set(content.block, (used.get(content.block) ?? 0) + content.size);
    }
    const next = new PackedContents(this.#last);
    for (const [oid, content] of known) {
      const isKept = (used.get(content.block) ?? 0) >= content.block.size * WORTH_KEEPING;
      if (isKept) next.#contents.set(oid, content);
      else next.add(oid, content.bytes());
    }
    return next;
  }

  get(oid: Oid): PackedContent | undefined {
    return this.#contents.get(oid);
  }

  add(oid: Oid, bytes: Uint8Array): PackedContent {
    if (this.#open?.hasRoom(bytes.length) !== true) {
      this.pack();
      this.#open = new Block(Math.max(BLOCK_BYTES, bytes.length), this.#last);
    }
    const content = new PackedContent(this.#open, this.#open.append(bytes), bytes.length);
    this.#contents.set(oid, content);
    return content;
  }

  /** As `add`, of bytes that nobody else has: their memory is free at once, and not when garbage is collected. */
  take(oid: Oid, bytes: Uint8Array<ArrayBuffer>): PackedContent {
    const content = this.add(oid, bytes);
    bytes.buffer.transfer(0);
    return content;
  }

  /** To be called when all have been added. */
  pack(): void {
    this.#open?.pack();
    this.#open = undefined;
  }
}

/** Where a content is. */
export class PackedContent {
  readonly block: Block;
  readonly size: number;
  readonly #start: number;

  constructor(block: Block, start: number, size: number) {
    this.block = block;
    this.size = size;
    this.#start = start;
  }

  bytes(): Uint8Array {
    return this.block.slice(this.#start, this.#start + this.size);
  }
}

/** The block that was unpacked last: files are asked for in the order in which they were packed. */
interface Unpacked {
  block: Block | undefined;
  bytes: Uint8Array;
}

/** Contents side by side. */
class Block {
  readonly #last: Unpacked;
  #size = 0;
  #open: Uint8Array | undefined;
  #packed: Uint8Array = new Uint8Array();

  constructor(room: number, last: Unpacked) {
    this.#last = last;
    this.#open = new Uint8Array(room);
  }

  get size(): number {
    return this.#size;
  }

  hasRoom(bytes: number): boolean {
    return this.#open !== undefined && this.#size + bytes <= this.#open.length;
  }

  /** Gives where it begins. */
  append(bytes: Uint8Array): number {
    const start = this.#size;
    this.#open?.set(bytes, start);
    this.#size += bytes.length;
    return start;
  }

  pack(): void {
    if (this.#open === undefined) return;
    // A copy, since what zlib gives may be a piece of something larger.
    this.#packed = new Uint8Array(deflateRawSync(this.#open.subarray(0, this.#size), { level: 1 }));
    this.#open = undefined;
  }

  slice(start: number, end: number): Uint8Array {
    return (this.#open ?? this.#unpacked()).slice(start, end);
  }

  #unpacked(): Uint8Array {
    const last = this.#last;
    if (last.block !== this) {
      // Always the same memory: what is made anew would be held until all garbage is collected, which is late.
      if (last.bytes.length < this.#size) last.bytes = new Uint8Array(this.#size);
      // Unpacked in one piece, for which zlib asks for this much room.
      last.bytes.set(inflateRawSync(this.#packed, { chunkSize: this.#size + 64 }));
      last.block = this;
    }
    return last.bytes;
  }
}
