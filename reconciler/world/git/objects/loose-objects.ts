import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { constants, deflateSync, inflateSync } from 'node:zlib';
import { mustFit } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { FileWindow } from './file-window.ts';
import {
  gitObject,
  objectHeader,
  OBJECT_TYPES,
  ObjectError,
  type GitObject,
  type ObjectType,
  type Oid,
} from './git-object.ts';
import type { ObjectStore } from './object-store.ts';

/** Enough compressed bytes to hold `blob 123456\0`. */
const HEAD_BYTES = 512;

/** Objects in files of their own, named by their oid. */
export class LooseObjects implements ObjectStore {
  readonly #folder: string;
  readonly #limits: Limits;

  constructor(folder: string, limits: Limits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  async size(oid: Oid): Promise<number | undefined> {
    return (await this.#head(oid))?.size;
  }

  async read(oid: Oid): Promise<GitObject | undefined> {
    const head = await this.#head(oid);
    if (head === undefined) return undefined;
    mustFit('an object', head.size, this.#limits.objectBytes);
    const maxOutputLength = head.bytes + head.size;
    const whole = inflated(oid, () => inflateSync(head.compressed, { maxOutputLength }));
    const object = gitObject(head.type, whole.subarray(head.bytes));
    if (object.oid !== oid) throw new ObjectError(`Object ${oid} is damaged.`);
    return object;
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #head(oid: Oid) {
    const path = join(this.#folder, oid.slice(0, 2), oid.slice(2));
    if ((await stat(path).catch(() => undefined)) === undefined) return undefined;
    await using file = await FileWindow.open(path);
    const start = (await file.from(0, HEAD_BYTES)).subarray(0, HEAD_BYTES);
    const text = inflated(oid, () => inflateSync(start, { finishFlush: constants.Z_SYNC_FLUSH })).toString(
      'latin1',
      0,
      64,
    );
    const [header, type, size] = /^([a-z]+) (\d+)\0/.exec(text) ?? [];
    if (header === undefined || !OBJECT_TYPES.includes(type as ObjectType)) {
      throw new ObjectError(`Object ${oid} is damaged.`);
    }
    const fits = Number(size) <= this.#limits.objectBytes;
    const compressed = fits ? await file.from(0, file.size) : start;
    return { type: type as ObjectType, size: Number(size), bytes: header.length, compressed };
  }
}

function inflated(oid: Oid, inflate: () => Buffer): Buffer {
  try {
    return inflate();
  } catch (cause) {
    throw new ObjectError(`Object ${oid} cannot be unpacked.`, { cause });
  }
}

/** Stores objects in a local repository, one file each. A crash leaves no object that is there in part. */
export async function writeLooseObjects(folder: string, objects: readonly GitObject[]): Promise<void> {
  for (const object of objects) await writeLooseObject(folder, object);
}

async function writeLooseObject(folder: string, { oid, type, content }: GitObject): Promise<void> {
  const path = join(folder, 'objects', oid.slice(0, 2), oid.slice(2));
  if (await stat(path).catch(() => undefined)) return;
  await mkdir(dirname(path), { recursive: true });
  // Git removes what is left of such a name after a while.
  const part = join(dirname(path), `tmp_obj_${randomBytes(8).toString('hex')}`);
  try {
    await writeDurably(
      part,
      deflateSync(Buffer.concat([objectHeader(type, content.length), content])),
      0o444,
    );
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes a file that must not exist, and returns when it is on the disk. */
async function writeDurably(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
