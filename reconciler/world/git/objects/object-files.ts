import * as files from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { PromiseFsClient } from 'isomorphic-git';
import { mustFit } from '../errors.ts';
import { isGone } from '../file-error.ts';
import type { Limits } from '../limits.ts';
import { ObjectError, type GitObject, type Oid } from './git-object.ts';
import { OwnPacks } from './own-packs.ts';
import { endsInItsHash } from './pack-index.ts';

const MAX_ALTERNATES = 16;
const LOOSE = /^(?<folder>[0-9a-f]{2})\/[0-9a-f]{38}$/;
/** What the name of a list ends with that tells the sizes of a pack's large files. */
export const LARGE = '.large';
const INDEX = '.idx';

/** The files of a repository as isomorphic-git sees them. */
export interface ObjectFiles {
  readonly client: PromiseFsClient;
  /** Where they are to be looked for. */
  readonly folder: string;
  /** Lists them anew. True if any came or went. */
  changed(): Promise<boolean>;
  /** The sizes of those files that were noted to be large. */
  largeFiles(): Promise<ReadonlyMap<Oid, number>>;
  /** An object that can be had without the library; undefined where that has to look for it. */
  own(oid: Oid): Promise<GitObject | undefined>;
}

/**
 * The object files in the folder of a repository. Beyond what the library does by itself, this limits their size, checks
 * what an index says, follows `info/alternates`, and does not search the disk for each object anew.
 */
export class FiledObjects implements ObjectFiles {
  readonly client: PromiseFsClient;
  readonly folder: string;
  readonly #objects: string;
  readonly #mostBytes: number;
  readonly #ownLimits: Limits | undefined;
  readonly #received: ReadonlyMap<Oid, GitObject> | undefined;
  #listing: Promise<Listing> | undefined;
  #large: Promise<ReadonlyMap<Oid, number>> | undefined;
  #own: Promise<OwnPacks> | undefined;

  /** With `own`, all packs are known to be of our own making: the library is then given their objects one by one. */
  constructor(
    folder: string,
    {
      mostBytes = Infinity,
      own,
      received,
    }: {
      readonly mostBytes?: number;
      readonly own?: Limits;
      readonly received?: ReadonlyMap<Oid, GitObject>;
    } = {},
  ) {
    this.folder = folder;
    this.#objects = join(folder, 'objects');
    this.#mostBytes = mostBytes;
    this.#ownLimits = own;
    this.#received = received;
    this.client = {
      promises: {
        ...files,
        // Called without a path too, only to see whether it returns a promise.
        readFile: async (path?: string) => (path === undefined ? undefined : this.#read(path)),
        // No other folder is ever asked for than that of the packs.
        readdir: async () => (own === undefined ? [...(await this.#list()).packs.keys()] : []),
        // Asked about the folder for each object, though it is known to be a folder.
        stat: async () => ({ isFile: () => false, isDirectory: () => true }),
      },
    };
  }

  async changed(): Promise<boolean> {
    const before = await this.#list();
    this.#listing = undefined;
    this.#large = undefined;
    this.#own = undefined;
    return (await this.#list()).text !== before.text;
  }

  /** How many packs there are. */
  async packs(): Promise<number> {
    return [...(await this.#list()).packs.keys()].filter((name) => name.endsWith(INDEX)).length;
  }

  largeFiles(): Promise<ReadonlyMap<Oid, number>> {
    return (this.#large ??= this.#readLarge());
  }

  async own(oid: Oid): Promise<GitObject | undefined> {
    const received = this.#received?.get(oid);
    if (received !== undefined || this.#ownLimits === undefined) return received;
    try {
      return await (await (this.#own ??= this.#openOwn(this.#ownLimits))).read(oid);
    } catch (cause) {
      // To the library a file that is gone would mean that there is no such object.
      throw isGone(cause) ? new Error('A pack is gone.', { cause }) : cause;
    }
  }

  async #openOwn(limits: Limits): Promise<OwnPacks> {
    const indexes = [...(await this.#list()).packs].filter(([name]) => name.endsWith(INDEX));
    const paths = indexes.map(([name, folder]) => join(folder, name.slice(0, -INDEX.length)));
    return OwnPacks.open(paths, limits);
  }

  async #readLarge(): Promise<ReadonlyMap<Oid, number>> {
    const sizes = new Map<Oid, number>();
    for (const [name, folder] of (await this.#list()).packs) {
      if (!name.endsWith(LARGE)) continue;
      const text = await files.readFile(join(folder, name), 'utf8');
      for (const [, oid, size] of text.matchAll(/^(\w+) (\d+)$/gm)) sizes.set(oid as Oid, Number(size));
    }
    return sizes;
  }

  #list(): Promise<Listing> {
    return (this.#listing ??= list(this.#objects));
  }

  async #read(path: string): Promise<ArrayBuffer | undefined> {
    const name = relative(this.#objects, path);
    const { packs, loose } = await this.#list();
    const first = LOOSE.exec(name)?.groups?.['folder'];
    if (first === undefined) {
      const pack = name.replace(/^pack\//, '');
      const folder = packs.get(pack);
      return folder === undefined ? undefined : this.#whole(join(folder, pack), 'a pack');
    }
    const own = await this.own(name.replace('/', '') as Oid);
    if (own !== undefined) return inAFile(own);
    for (const folder of loose.get(first) ?? []) {
      try {
        return await this.#whole(join(folder, name), 'an object');
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    }
    return undefined;
  }

  async #whole(path: string, what: string): Promise<ArrayBuffer> {
    await using file = await files.open(path, 'r');
    const { size } = await file.stat();
    mustFit(what, size, this.#mostBytes);
    // Of all that can be given to the library, this alone is not copied.
    const bytes = new ArrayBuffer(size);
    const view = Buffer.from(bytes);
    let filled = 0;
    while (filled < size) {
      const { bytesRead } = await file.read(view, filled, size - filled, filled);
      if (bytesRead === 0) throw new ObjectError(`${path} was cut off while it was read.`);
      filled += bytesRead;
    }
    // The library verifies packs and loose objects; where in a pack an object is, it takes on trust.
    if (path.endsWith(INDEX) && !endsInItsHash(view)) throw new ObjectError(`${path} is damaged.`);
    return bytes;
  }
}

interface Listing {
  /** The folder that each file of a pack is in. */
  readonly packs: ReadonlyMap<string, string>;
  /** The folders that have objects of their own, by the first two digits of those. */
  readonly loose: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
}

async function list(objects: string): Promise<Listing> {
  const packs = new Map<string, string>();
  const loose = new Map<string, string[]>();
  for (const folder of await withAlternates(objects)) {
    for (const name of await names(join(folder, 'pack'))) {
      // Packs that are still being written have other names, and indexes already.
      if (name.startsWith('pack-')) packs.set(name, join(folder, 'pack'));
    }
    for (const name of await names(folder)) {
      if (name.length === 2) loose.set(name, [...(loose.get(name) ?? []), folder]);
    }
  }
  return { packs, loose, text: [...packs, ...loose].join('\n') };
}

/** A clone may borrow objects from other repositories, and those from others again. */
async function withAlternates(objects: string): Promise<readonly string[]> {
  const folders = new Set([objects]);
  for (const folder of folders) {
    if (folders.size > MAX_ALTERNATES) break;
    const text = await files.readFile(join(folder, 'info', 'alternates'), 'utf8').catch(() => '');
    for (const line of text.split('\n'))
      if (line !== '' && !line.startsWith('#')) folders.add(resolve(folder, line));
  }
  return [...folders];
}

async function names(folder: string): Promise<string[]> {
  return files.readdir(folder).catch((error: unknown) => {
    if (isGone(error)) return [];
    throw error;
  });
}

/** An object as it stands in a file of its own. The library unpacks it at once, so it is not worth being made smaller. */
function inAFile({ type, content }: GitObject): ArrayBuffer {
  const whole = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  return new Uint8Array(deflateSync(whole, { level: 0 })).buffer;
}

/** Where in a folder of objects one is that has a file of its own. */
export function loosePath(oid: Oid): string {
  return `${oid.slice(0, 2)}/${oid.slice(2)}`;
}
