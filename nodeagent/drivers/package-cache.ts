import { mkdir, readdir, readFile, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Sha256 } from '../../schemas/drivers/package.ts';
import { type Observed, unknown } from '../../schemas/node/observed.ts';
import type { CachedPackage } from '../plan/driver-facts.ts';
import { StepFailedError } from '../plan/fault.ts';
import { type PackageModule, PackageModules } from '../plan/package-module.ts';
import { onDisk } from './disk-fault.ts';
import { syncFolder, writeDurably } from './durable.ts';
import { hashSlowly } from './hash-slowly.ts';

/**
 * The packages of a node on its disk, by their SHA-256, and what their modules said of themselves when they were unpacked. What was
 * verified and unpacked is known of this process only: disks forget.
 */
export class PackageCache {
  readonly #packages: string;
  readonly #unpacked: string;
  readonly #verified = new Set<string>();
  readonly #fresh = new Set<string>();
  readonly #modules = new Map<string, readonly PackageModule[]>();

  constructor(folder: string) {
    this.#packages = join(folder, 'packages');
    this.#unpacked = join(folder, 'unpacked');
  }

  /** What is there. A folder that cannot be read has nothing: what is written to it will say why. */
  async list(): Promise<ReadonlyMap<string, CachedPackage>> {
    const names = await readdir(this.#packages).catch((): string[] => []);
    const there = names.filter((name) => Sha256.safeParse(name).success).toSorted();
    const found = new Map<string, CachedPackage>();
    for (const sha256 of there) {
      const modules = await this.#modulesOf(sha256);
      found.set(sha256, {
        isVerified: this.#verified.has(sha256),
        isUnpacked: this.#fresh.has(sha256),
        ...(modules === undefined ? {} : { modules }),
      });
    }
    return found;
  }

  /** How much its disk has left for a package. */
  async freeBytes(): Promise<Observed<number>> {
    try {
      const { bavail, bsize } = await statfs(this.#packages);
      return bavail * bsize;
    } catch (error) {
      return unknown(
        `The disk of ${this.#packages} does not tell (${(error as NodeJS.ErrnoException).code ?? ''}).`,
      );
    }
  }

  /** How many bytes came of packages that are not whole yet, by SHA-256. */
  async parts(): Promise<ReadonlyMap<string, number>> {
    const names = await readdir(this.#packages).catch((): string[] => []);
    const parts = new Map<string, number>();
    for (const name of names) {
      const sha256 = /^([0-9a-f]{64})\.part$/.exec(name)?.[1];
      const found = sha256 && (await stat(join(this.#packages, name)).catch(() => undefined));
      if (sha256 !== undefined && found) parts.set(sha256, found.size);
    }
    return parts;
  }

  /** Where a package is, or comes to be. */
  async place(sha256: string): Promise<string> {
    await onDisk(this.#packages, async () => await mkdir(this.#packages, { recursive: true, mode: 0o700 }));
    return join(this.#packages, sha256);
  }

  /** The package was verified by whoever wrote it just now. */
  isWhole(sha256: string): void {
    this.#verified.add(sha256);
  }

  /** Hashes a package; where it is not what its name says, it goes. */
  async verify(sha256: string): Promise<void> {
    const path = join(this.#packages, sha256);
    const found = await onDisk(this.#packages, async () => await hashSlowly(path));
    if (found === sha256) {
      this.#verified.add(sha256);
      return;
    }
    await this.drop(sha256);
    throw new StepFailedError(
      {
        state: 'failed',
        code: 'DIGEST',
        message: 'The package that was kept on the node is not whole any more, and was removed.',
        hint: 'Look whether the disk of the node is sound.',
      },
      { hasProgressed: true },
    );
  }

  /** Unpacks a verified package, and writes down what its modules say. */
  async unpack(sha256: string): Promise<void> {
    const { unpack } = await import('./unpack.ts');
    this.#fresh.delete(sha256);
    await onDisk(this.#unpacked, async () => {
      await mkdir(this.#unpacked, { recursive: true, mode: 0o700 });
      const modules = await unpack(join(this.#packages, sha256), sha256, this.folderOf(sha256));
      await writeDurably(join(this.#packages, `${sha256}.json`), JSON.stringify(modules));
      this.#modules.set(sha256, modules);
    });
    this.#fresh.add(sha256);
  }

  /** Where the modules of a package are once it is unpacked. */
  folderOf(sha256: string): string {
    return join(this.#unpacked, sha256);
  }

  async tidy(): Promise<void> {
    this.#fresh.clear();
    await onDisk(this.#unpacked, async () => await rm(this.#unpacked, { recursive: true, force: true }));
  }

  /** Removes a package; what it was last. */
  async drop(sha256: string): Promise<void> {
    this.#verified.delete(sha256);
    this.#fresh.delete(sha256);
    this.#modules.delete(sha256);
    await onDisk(this.#packages, async () => {
      await rm(this.folderOf(sha256), { recursive: true, force: true });
      for (const end of ['.json', '.part.json', '.part'])
        await rm(join(this.#packages, `${sha256}${end}`), { force: true });
      await rm(join(this.#packages, sha256), { force: true });
      await syncFolder(this.#packages);
    });
  }

  /** Removes what a process that was killed left half done. Of packages that are still wanted, what came of them stays. */
  async sweep(wanted: readonly string[]): Promise<void> {
    await rm(this.#unpacked, { recursive: true, force: true }).catch(() => undefined);
    await this.forgetOthers(wanted);
  }

  /** Removes what came of other packages. That it cannot be removed will be said by who writes there. */
  async forgetOthers(wanted: readonly string[]): Promise<void> {
    const names = await readdir(this.#packages).catch((): string[] => []);
    const others = names.filter(
      (name) => /\.(part|new)(\.|$)/.test(name) && !wanted.includes(name.split('.')[0] ?? ''),
    );
    for (const name of others) await rm(join(this.#packages, name), { force: true }).catch(() => undefined);
  }

  async #modulesOf(sha256: string): Promise<readonly PackageModule[] | undefined> {
    const known = this.#modules.get(sha256);
    if (known !== undefined) return known;
    try {
      const text = await readFile(join(this.#packages, `${sha256}.json`), 'utf8');
      const modules = PackageModules.parse(JSON.parse(text));
      this.#modules.set(sha256, modules);
      return modules;
    } catch {
      // It is unpacked again to know them.
      return undefined;
    }
  }
}
