import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Interruptible } from '../../../ports.ts';
import { notACommit } from '../errors.ts';
import { fileErrorCode } from '../file-error.ts';
import type { Limits } from '../limits.ts';
import { ObjectError, ObjectKindError, type GitObject, type Oid } from '../objects/git-object.ts';
import { GitObjects } from '../objects/git-objects.ts';
import { FiledObjects } from '../objects/object-files.ts';
import { walkHistory } from '../snapshot/history.ts';
import type { Transport } from '../wire/transport.ts';
import { damaged, fetchPack } from '../wire/upload-pack.ts';
import { INCOMING, IncomingPack } from './incoming-pack.ts';

/** Longer than any fetch takes, so what is older was left by a process that is no more. */
const LEFT_OVER_MS = 60 * 60_000;

export interface Fetch extends Interruptible {
  readonly want: Oid;
  /** Commits whose whole history is wanted no further than this; unset where the server cannot cut it off. */
  readonly depth: number | undefined;
  readonly version: 0 | 2;
  /** Further commits that are here, so that what belongs to them need not come again. */
  readonly haves?: readonly Oid[];
}

/**
 * The clone of one repository, a bare one that git itself can read. It only ever grows by whole packs, each put in place
 * by a rename, so processes that share it need no lock; a new clone takes the place of an old one by a rename too.
 */
export class CloneCache {
  readonly folder: string;
  readonly #transport: Transport;
  readonly #limits: Limits;
  /** Small objects of the pack that came last, for whoever reads it at once. */
  #received: ReadonlyMap<Oid, GitObject> = new Map();

  constructor(cacheDir: string, transport: Transport, limits: Limits) {
    const hash = createHash('sha256').update(transport.url).digest('hex').slice(0, 16);
    const name = basename(transport.url)
      .replace(/\.git$/, '')
      .replace(/[^A-Za-z0-9._-]/g, '_')
      .slice(0, 64);
    this.folder = join(cacheDir, `${name}-${hash}.git`);
    this.#transport = transport;
    this.#limits = limits;
  }

  /** The objects as they are now. */
  objects(): GitObjects {
    return this.#objectsIn(this.folder);
  }

  /** Frees the memory that objects take which were only just received. They are read from their pack from now on. */
  forgetReceived(): void {
    this.#received = new Map();
  }

  /** How many packs hold them. */
  packs(): Promise<number> {
    return new FiledObjects(this.folder).packs();
  }

  /** Tells clones apart that stand in the same place one after the other; undefined where there is none. */
  async identity(): Promise<string | undefined> {
    const found = await stat(this.folder).catch(() => undefined);
    // The number alone does not do: one that has become free is given out again.
    return found && `${found.ino} ${found.birthtimeMs}`;
  }

  /** Makes the clone anew with one commit, beside the old one, and then takes its place. */
  async renew(fetch: Fetch): Promise<void> {
    const fresh = `${this.folder}.${process.pid}-${randomBytes(6).toString('hex')}`;
    await mkdir(dirname(this.folder), { recursive: true });
    await removeLeftOver(dirname(this.folder), `${basename(this.folder)}.`);
    try {
      // What is in a private repository is nobody else's on this machine.
      await mkdir(fresh, { mode: 0o700 });
      await mkdir(packsOf(fresh), { recursive: true });
      await mkdir(join(fresh, 'refs'));
      await writeFile(join(fresh, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
      await this.#fetchInto(fresh, fetch, [], []);
      await this.#install(fresh);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  }

  /** Brings a commit into the clone, and of what belongs to it only what is not here. */
  async add(fetch: Fetch): Promise<void> {
    await removeLeftOver(packsOf(this.folder), INCOMING);
    const last = await readFile(join(this.folder, 'HEAD'), 'utf8').catch(() => '');
    const objects = this.objects();
    const candidates = new Set([...(fetch.haves ?? []), last.trim() as Oid]);
    const haves: Oid[] = [];
    for (const oid of candidates) if (await isCommit(objects, oid)) haves.push(oid);
    const { boundary } = await walkHistory(objects, haves, undefined, this.#limits.historyCommits);
    await this.#fetchInto(this.folder, fetch, haves, boundary);
  }

  async #fetchInto(
    folder: string,
    fetch: Fetch,
    haves: readonly Oid[],
    shallow: readonly Oid[],
  ): Promise<void> {
    const { want, depth, version, signal } = fetch;
    {
      await using pack = await IncomingPack.create(packsOf(folder));
      const request = { want, haves, shallow, version, signal, ...(depth === undefined ? {} : { depth }) };
      await fetchPack(this.#transport, request, this.#limits, (bytes) => pack.write(bytes));
      try {
        const objects = this.#objectsIn(folder);
        this.#received = await pack.keep(this.#limits, (oid) => objects.object(oid));
      } catch (cause) {
        throw cause instanceof ObjectError ? damaged(this.#transport, cause) : cause;
      }
    }
    const objects = this.#objectsIn(folder);
    await this.#mustBeCommit(objects, want);
    const { boundary } = await walkHistory(objects, [want, ...haves], undefined, this.#limits.historyCommits);
    // For git's own commands; what we ask the server for never depends on it.
    await replace(join(folder, 'shallow'), boundary.map((oid) => `${oid}\n`).join(''));
    await replace(join(folder, 'HEAD'), `${want}\n`);
  }

  async #mustBeCommit(objects: GitObjects, oid: Oid): Promise<void> {
    try {
      const commit = await objects.commit(oid);
      if (commit === undefined) throw damaged(this.#transport);
      if (commit.oid !== oid) throw notACommit(this.#transport.url, { oid, type: 'tag' });
    } catch (error) {
      throw error instanceof ObjectKindError ? notACommit(this.#transport.url, error) : error;
    }
  }

  #objectsIn(folder: string): GitObjects {
    return new GitObjects(
      new FiledObjects(folder, { own: this.#limits, received: this.#received }),
      this.#limits,
    );
  }

  /** A folder cannot be renamed over another that holds something, so the old one makes way first. */
  async #install(fresh: string): Promise<void> {
    for (;;) {
      try {
        return await rename(fresh, this.folder);
      } catch (error) {
        if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(fileErrorCode(error) ?? '')) throw error;
      }
      const old = `${fresh}.old`;
      await rename(this.folder, old).catch(ignoreGone);
      await rm(old, { recursive: true, force: true });
    }
  }
}

function packsOf(folder: string): string {
  return join(folder, 'objects', 'pack');
}

async function isCommit(objects: GitObjects, oid: Oid): Promise<boolean> {
  return /^[0-9a-f]{40}$/.test(oid) && (await objects.commit(oid))?.oid === oid;
}

async function replace(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, text);
  await rename(fresh, path);
}

async function removeLeftOver(folder: string, prefix: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const path = join(folder, name);
    const changed = (await stat(path).catch(() => undefined))?.mtimeMs;
    if (changed !== undefined && Date.now() - changed > LEFT_OVER_MS)
      await rm(path, { recursive: true, force: true });
  }
}

function ignoreGone(error: unknown): void {
  if (fileErrorCode(error) !== 'ENOENT') throw error;
}
