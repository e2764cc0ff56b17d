import { Buffer } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import * as z from 'zod';
import { writeDurably } from '../drivers/durable.ts';
import type { Rest } from './receive.ts';

/** Removes what came of a download. */
export async function forgetPartial(partial: string): Promise<void> {
  await rm(partial, { force: true });
  await rm(`${partial}.json`, { force: true });
}

const Note = z.object({ etag: z.string().max(256) });

/** What has come of a package, hashed. */
export class PartialFile {
  readonly handle: FileHandle;
  readonly path: string;
  bytes = 0;
  #etag: string | undefined;
  #hash: Hash = createHash('sha256');

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.handle = handle;
  }

  static async open(path: string, most: number): Promise<PartialFile> {
    const etag = await readNote(`${path}.json`);
    const part = new PartialFile(path, await open(path, 'a+', 0o600));
    part.#etag = etag;
    const { size } = await part.handle.stat();
    if (etag === undefined || size > most) await part.restart();
    else await part.#readAll();
    return part;
  }

  async #readAll(): Promise<void> {
    const room = Buffer.allocUnsafeSlow(64 * 1024);
    for (;;) {
      const { bytesRead } = await this.handle.read(room, 0, room.length, this.bytes);
      if (bytesRead === 0) return;
      this.#hash.update(room.subarray(0, bytesRead));
      this.bytes += bytesRead;
    }
  }

  async restart(): Promise<void> {
    await this.handle.truncate(0);
    this.bytes = 0;
    this.#hash = createHash('sha256');
    this.#etag = undefined;
  }

  /** All of a version of the file follows. Where it has no mark, the rest of it cannot be asked for. */
  async begin(etag: string | undefined): Promise<void> {
    if (this.bytes > 0) await this.restart();
    this.#etag = etag;
    if (etag === undefined) await rm(`${this.path}.json`, { force: true });
    else await writeDurably(`${this.path}.json`, JSON.stringify({ etag }));
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk);
    for (let at = 0; at < chunk.length;) {
      at += (await this.handle.write(chunk, at, chunk.length - at, null)).bytesWritten;
    }
    this.bytes += chunk.length;
  }

  /** What is missing; all of it where unset. */
  get rest(): Rest | undefined {
    return this.bytes > 0 && this.#etag !== undefined ? { offset: this.bytes, etag: this.#etag } : undefined;
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}

async function readNote(path: string): Promise<string | undefined> {
  try {
    return Note.parse(JSON.parse(await readFile(path, 'utf8'))).etag;
  } catch {
    return undefined;
  }
}
