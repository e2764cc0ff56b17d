import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isGone } from '../file-error.ts';
import type { Limits } from '../limits.ts';
import type { GitObject, Oid } from '../objects/git-object.ts';
import { LooseObjects } from '../objects/loose-objects.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { PackStore } from '../objects/pack-store.ts';

const MAX_ALTERNATES = 16;

/** The objects of a repository on this machine, in packs and in files of their own. Reads only. */
export async function openLocalObjects(gitFolder: string, limits: Limits): Promise<ObjectStore> {
  const folders = await withAlternates(join(gitFolder, 'objects'));
  const open = async () => {
    const stores: ObjectStore[] = [];
    for (const folder of folders) {
      stores.push(await PackStore.open(join(folder, 'pack'), limits), new LooseObjects(folder, limits));
    }
    return stores;
  };
  return new LocalObjects(open, await open());
}

/** A clone may borrow objects from other repositories, and those from others again. */
async function withAlternates(objects: string): Promise<readonly string[]> {
  const folders = new Set([objects]);
  for (const folder of folders) {
    if (folders.size > MAX_ALTERNATES) break;
    const text = await readFile(join(folder, 'info', 'alternates'), 'utf8').catch(() => '');
    for (const line of text.split('\n'))
      if (line !== '' && !line.startsWith('#')) folders.add(resolve(folder, line));
  }
  return [...folders];
}

class LocalObjects implements ObjectStore {
  readonly #open: () => Promise<readonly ObjectStore[]>;
  #stores: readonly ObjectStore[];

  constructor(open: () => Promise<readonly ObjectStore[]>, stores: readonly ObjectStore[]) {
    this.#open = open;
    this.#stores = stores;
  }

  size(oid: Oid): Promise<number | undefined> {
    return this.#find((store) => store.size(oid));
  }

  read(oid: Oid): Promise<GitObject | undefined> {
    return this.#find((store) => store.read(oid));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stores.map((store) => store[Symbol.asyncDispose]()));
  }

  /** Looks twice: git may have packed everything anew since the packs were listed. */
  async #find<Found>(ask: (store: ObjectStore) => Promise<Found | undefined>): Promise<Found | undefined> {
    try {
      const found = await first(this.#stores, ask);
      if (found !== undefined) return found;
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    await this[Symbol.asyncDispose]();
    this.#stores = await this.#open();
    return first(this.#stores, ask);
  }
}

async function first<Found>(
  stores: readonly ObjectStore[],
  ask: (store: ObjectStore) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  for (const store of stores) {
    const found = await ask(store);
    if (found !== undefined) return found;
  }
  return undefined;
}
