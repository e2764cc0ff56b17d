import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Limits } from '../limits.ts';
import { FileWindow } from '../objects/file-window.ts';
import { ObjectError, type GitObject, type Oid } from '../objects/git-object.ts';
import { LARGE } from '../objects/object-files.ts';
import { encodeEntry, PACK_HEADER_BYTES, SHA1_BYTES } from '../objects/pack-entry.ts';
import { encodeIndex, type IndexRow } from '../objects/pack-index.ts';
import { readPack, type FindBase } from '../objects/read-pack.ts';

const COUNT_AT = 8;

/** What the names of packs begin with that are not there in whole. */
export const INCOMING = 'incoming-';

/**
 * A pack that is being received. Nobody sees it before it is verified and indexed; disposing drops what was not kept.
 *
 * Fetching, receiving and pushing are the part of git that is our own, and with it the reading of what was received.
 * isomorphic-git reads what is in any other folder; what comes over the wire it holds in memory and inflates without any
 * limit, and whoever may push, or stands between here and the server, decides what that is.
 */
export class IncomingPack implements AsyncDisposable {
  readonly #folder: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha1');
  /** The last bytes are the checksum of those before. */
  #tail = Buffer.alloc(0);
  #size = 0;

  static async create(folder: string): Promise<IncomingPack> {
    const path = join(folder, `${INCOMING}${process.pid}-${randomBytes(6).toString('hex')}`);
    return new IncomingPack(folder, path, await open(path, 'wx+'));
  }

  private constructor(folder: string, path: string, file: FileHandle) {
    this.#folder = folder;
    this.#path = path;
    this.#file = file;
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#file.writeFile(bytes);
    this.#size += bytes.length;
    const all = Buffer.concat([this.#tail, bytes]);
    const end = Math.max(0, all.length - SHA1_BYTES);
    this.#hash.update(all.subarray(0, end));
    this.#tail = all.subarray(end);
  }

  /**
   * Verifies and indexes it and puts it among the others. The index comes last: it is what makes a pack one. Returns small
   * objects of it, which were unpacked on the way.
   */
  async keep(limits: Limits, findBase: FindBase): Promise<ReadonlyMap<Oid, GitObject>> {
    if (this.#size < PACK_HEADER_BYTES + SHA1_BYTES || !this.#hash.digest().equals(this.#tail)) {
      throw new ObjectError('A pack is damaged or was cut off.');
    }
    await using pack = await FileWindow.open(this.#path);
    const { rows, borrowed, large, small } = await readPack(pack, limits, findBase);
    const added = borrowed.length === 0 ? [] : await this.#complete(rows.length, borrowed);
    await this.#file.sync();
    await writeFile(`${this.#path}.idx`, encodeIndex([...rows, ...added], this.#tail), { flush: true });
    const name = join(this.#folder, `pack-${this.#tail.toString('hex')}`);
    // Told before anybody can read the pack, since the library would unpack these to find out.
    const sizes = Array.from(large, ([oid, size]) => `${oid} ${size}\n`);
    if (sizes.length > 0) await writeFile(`${name}${LARGE}`, sizes.join(''), { flush: true });
    await rename(this.#path, `${name}.pack`);
    await rename(`${this.#path}.idx`, `${name}.idx`);
    return small;
  }

  /** Adds what its deltas build on, so that every pack can be read by itself. */
  async #complete(count: number, objects: readonly GitObject[]): Promise<IndexRow[]> {
    const total = Buffer.alloc(4);
    total.writeUInt32BE(count + objects.length);
    await this.#file.write(total, 0, total.length, COUNT_AT);
    let end = this.#size - SHA1_BYTES;
    const rows: IndexRow[] = [];
    for (const object of objects) {
      const bytes = encodeEntry(object);
      await this.#file.write(bytes, 0, bytes.length, end);
      rows.push({ oid: Buffer.from(object.oid, 'hex'), offset: end, crc: crc32(bytes) });
      end += bytes.length;
    }
    const hash = createHash('sha1');
    for await (const chunk of createReadStream(this.#path, { end: end - 1 })) hash.update(chunk as Buffer);
    this.#tail = hash.digest();
    await this.#file.write(this.#tail, 0, this.#tail.length, end);
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
    await rm(`${this.#path}.idx`, { force: true });
  }
}
