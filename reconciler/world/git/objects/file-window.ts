import { open, type FileHandle } from 'node:fs/promises';
import type { ByteSource } from './byte-source.ts';

const BLOCK_BYTES = 256 * 1024;
/** Blocks kept at a time: 32 MiB. */
const BLOCKS = 128;

/** A file read by offset, in blocks, the last ones of which are kept: packs refer back and forth within themselves. */
export class FileWindow implements ByteSource {
  readonly size: number;
  readonly #file: FileHandle;
  readonly #blocks = new Map<number, Buffer>();

  static async open(path: string): Promise<FileWindow> {
    const file = await open(path, 'r');
    try {
      return new FileWindow(file, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
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
    await this.#file.close();
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
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await this.#file.read(bytes, filled, bytes.length - filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }
}
