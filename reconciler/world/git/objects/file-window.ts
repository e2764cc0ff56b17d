import { open, stat } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';

const BLOCK_BYTES = 256 * 1024;
/** Blocks kept at a time: 16 MiB. */
const BLOCKS = 64;

/**
 * A file read by offset, in blocks, the last ones of which are kept: packs refer back and forth within themselves. It is
 * open only while a block is read, so nobody has to close it. It must not change in the meantime.
 */
export class FileWindow implements ByteSource {
  readonly size: number;
  readonly #path: string;
  readonly #blocks = new Map<number, Buffer>();

  static async open(path: string): Promise<FileWindow> {
    return new FileWindow(path, (await stat(path)).size);
  }

  private constructor(path: string, size: number) {
    this.#path = path;
    this.size = size;
  }

  async from(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.size);
    if (end <= offset) return Buffer.alloc(0);
    const first = Math.floor(offset / BLOCK_BYTES);
    const last = Math.floor((end - 1) / BLOCK_BYTES);
    if (last - first >= BLOCKS / 4) return this.#read(offset, end - offset);
    const start = (await this.#block(first)).subarray(offset - first * BLOCK_BYTES);
    if (first === last) return start;
    const parts = [start];
    for (let index = first + 1; index <= last; index++) parts.push(await this.#block(index));
    return Buffer.concat(parts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#blocks.clear();
  }

  async #block(index: number): Promise<Buffer> {
    const known = this.#blocks.get(index);
    if (known !== undefined) return known;
    const block = await this.#read(index * BLOCK_BYTES, BLOCK_BYTES);
    this.#blocks.set(index, block);
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    return block;
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - offset)));
    await using file = await open(this.#path, 'r');
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }
}
