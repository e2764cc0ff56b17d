import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { MergeHead } from '../../../forge-port.ts';
import { CloneCache, type Fetch } from '../clone/clone-cache.ts';
import { describeCacheFailure } from '../clone/cache-errors.ts';
import { GitError } from '../errors.ts';
import { isGone } from '../file-error.ts';
import { type GitConfig, limitsOf } from '../git-config.ts';
import type { Limits } from '../limits.ts';
import type { Oid } from '../objects/git-object.ts';
import { GitObjects } from '../objects/git-objects.ts';
import { FiledObjects } from '../objects/object-files.ts';
import { readAdvertisement } from '../wire/advertisement.ts';
import { openTransport, type Transport } from '../wire/transport.ts';
import { headGone } from './merge-errors.ts';
import { type Made, type MergeStore, type Merging, oidOf } from './merge-store.ts';

/** How deep a head is fetched at first: most pull requests have fewer commits, and their bases have not gone on by more. */
const FIRST_DEPTH = 20;
/** What somebody who may not write to the repository may have us fetch, as a part of what others may. */
const UNTRUSTED_PART = 4;
/** Bytes of all packs, as so many times what one fetch may have, beyond which the clone is made anew. */
const ROOM = 4;

/** How a server fails that gives out tips only; an old one does not even understand what it is asked. */
const REFUSALS: ReadonlySet<string> = new Set(['REF_NOT_FOUND', 'REPOSITORY_CORRUPT']);

/** What is fetched in one go, by whichever protocol the server speaks. */
type Wish = Pick<Fetch, 'want' | 'depth' | 'haves'>;

/** A repository on a server, through a clone that both sides are fetched into. */
export class RemoteMergeStore implements MergeStore {
  readonly shown: string;
  readonly #limits: Limits;
  readonly #transport: Transport;
  readonly #trusted: CloneCache;
  readonly #untrusted: CloneCache;

  constructor(config: GitConfig) {
    this.#limits = limitsOf(config);
    this.#transport = openTransport(config);
    this.shown = this.#transport.url;
    this.#trusted = new CloneCache(config.cacheDir, this.#transport, this.#limits);
    this.#untrusted = new CloneCache(config.cacheDir, this.#transport, reduced(this.#limits));
  }

  async open(merging: Merging): Promise<void> {
    await this.#inClone(merging, async () => {
      const { base, head } = merging;
      const wanted = oidOf(head);
      const objects = this.objects(new Map());
      const hasBase = (await objects.commit(base)) !== undefined;
      if (hasBase && (await objects.commit(wanted)) !== undefined) return;
      if (!hasBase || (await this.#isFull())) {
        await this.#fetch(merging, { want: base, depth: 1 }, 'renew');
        if (base === wanted) return;
      }
      await this.#fetchHead(merging, { want: wanted, depth: FIRST_DEPTH, haves: [base] });
    });
  }

  objects(made: Made): GitObjects {
    const files = new FiledObjects(this.#trusted.folder, { own: this.#limits, received: made });
    return new GitObjects(files, this.#limits);
  }

  async deepen(tip: Oid, depth: number, merging: Merging): Promise<boolean> {
    await this.#inClone(merging, () =>
      this.#fetch(merging, { want: tip, depth, haves: [merging.base, oidOf(merging.head)] }, 'add'),
    );
    return true;
  }

  async renew(merging: Merging): Promise<boolean> {
    await this.#inClone(merging, () => this.#fetch(merging, { want: merging.base, depth: 1 }, 'renew'));
    await this.open(merging);
    return true;
  }

  async #fetchHead(merging: Merging, wish: Wish): Promise<void> {
    const { head } = merging;
    try {
      await this.#fetch(merging, wish, 'add');
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      if (error.code === 'REF_NOT_FOUND') throw await this.#whyGone(merging, head);
      if (error.code !== 'REPOSITORY_TOO_LARGE') throw error;
      const message = `The pull request brings too much to be planned. ${error.message}`;
      throw new GitError('MERGE_TOO_LARGE', message, { hint: error.hint, cause: error });
    }
  }

  /** Commits are asked for by their names. A server that gives those out as tips only is asked for them as such. */
  async #fetch(merging: Merging, wish: Wish, how: 'add' | 'renew'): Promise<void> {
    const { head, signal } = merging;
    const isOfHead = wish.want === oidOf(head);
    const clone = isOfHead && !head.isTrusted ? this.#untrusted : this.#trusted;
    try {
      await clone[how]({ ...wish, version: 2, signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof GitError) || !REFUSALS.has(error.code)) throw error;
      const { refs, capabilities } = await this.#refs(merging);
      if (![...refs.values()].includes(wish.want)) throw error;
      const depth = capabilities.has('shallow') ? wish.depth : undefined;
      await clone[how]({ ...wish, depth, version: 0, signal });
    } finally {
      clone.forgetReceived();
    }
  }

  async #whyGone(merging: Merging, head: MergeHead): Promise<GitError> {
    const { refs } = await this.#refs(merging);
    return headGone(this.shown, head, refs.get(head.ref));
  }

  #refs({ signal }: Merging) {
    return readAdvertisement(this.#transport, 'git-upload-pack', { signal });
  }

  /** Every head adds packs, of which a new clone has one. */
  async #isFull(): Promise<boolean> {
    if ((await this.#trusted.packs()) >= this.#limits.packs) return true;
    const folder = join(this.#trusted.folder, 'objects', 'pack');
    let bytes = 0;
    for (const name of await readdir(folder)) {
      bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
    }
    return bytes >= this.#limits.packBytes * ROOM;
  }

  async #inClone<Result>({ signal }: Merging, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      // Another process is just putting a new clone in place of this one.
      if (isGone(error)) throw error;
      throw describeCacheFailure(this.#trusted.folder, error);
    }
  }
}

function reduced(limits: Limits): Limits {
  const part = (most: number) => Math.ceil(most / UNTRUSTED_PART);
  return {
    ...limits,
    packBytes: part(limits.packBytes),
    packObjects: part(limits.packObjects),
    unpackedBytes: part(limits.unpackedBytes),
    blobBytes: part(limits.blobBytes),
  };
}
