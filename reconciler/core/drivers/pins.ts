import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { type DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import { compareText } from '../placement/compare-text.ts';
import { type DriversLock, entryBytes, MAX_LOCK_BYTES, PinnedPackage } from './lock.ts';

/** So many a lock has at most. */
const MOST = 4096;

/** And so many bytes of entries, with room for what stands around them. */
const MOST_BYTES = MAX_LOCK_BYTES - 1024;

/** What is pinned, by service and target. Once pinned, a digest gives way to another only where a person accepts that. */
export class Pins {
  readonly #given: DriversLock;
  readonly #entries: Map<string, PinnedPackage>;
  readonly #doubtful: Map<string, readonly PinnedPackage[]>;
  #isChanged: boolean;
  #bytes: number;

  constructor(lock: DriversLock) {
    this.#given = lock;
    this.#entries = new Map();
    // Of two for the same the first holds.
    for (const entry of lock.packages) {
      const key = pinKey(entry.service, entry.package);
      if (!this.#entries.has(key)) this.#entries.set(key, entry);
    }
    this.#isChanged = this.#entries.size < lock.packages.length;
    this.#doubtful = Map.groupBy(lock.doubtful ?? [], (entry) => pinKey(entry.service, entry.package));
    // What somebody has put in is in doubt no more.
    for (const key of this.#entries.keys()) {
      if (this.#doubtful.delete(key)) this.#isChanged = true;
    }
    this.#bytes = [...this.#entries.values(), ...[...this.#doubtful.values()].flat()].reduce(
      (sum, entry) => sum + entryBytes(entry),
      0,
    );
  }

  /** What is pinned for the first of the targets that has anything. */
  find(service: string, targets: readonly DriverTarget[]): PinnedPackage | undefined {
    return targets.flatMap((target) => this.#entries.get(pinKey(service, target)) ?? [])[0];
  }

  /** What nodes were asked for where nobody knows which of it was pinned: then nothing is, until a person chooses. */
  doubtful(service: string, targets: readonly DriverTarget[]): readonly PinnedPackage[] {
    if (this.find(service, targets) !== undefined) return [];
    return targets.flatMap((target) => this.#doubtful.get(pinKey(service, target)) ?? []);
  }

  /** Whether there is any doubt about what was pinned. */
  get isDoubtful(): boolean {
    return this.#doubtful.size > 0;
  }

  /**
   * Pins a package that was seen for the first time; false where there is no room, or where it is in doubt what was pinned. What is
   * pinned already stays as it is.
   */
  add(entry: PinnedPackage): boolean {
    const key = pinKey(entry.service, entry.package);
    if (this.#entries.has(key)) return true;
    return !this.#doubtful.has(key) && this.#put(key, entry);
  }

  /** Pins a package in place of another that a person gave up for it; false where there is no room, and the other stays. */
  replace(old: PinnedPackage, entry: PinnedPackage): boolean {
    const key = pinKey(old.service, old.package);
    const isSameBuild = key === pinKey(entry.service, entry.package);
    if (!this.#put(pinKey(entry.service, entry.package), entry)) return false;
    if (!isSameBuild && this.#entries.delete(key)) this.#bytes -= entryBytes(old);
    return true;
  }

  /** Pins what a person has chosen where nobody knew what was pinned; false where there is no room. */
  choose(entry: PinnedPackage): boolean {
    const key = pinKey(entry.service, entry.package);
    const others = this.#doubtful.get(key) ?? [];
    if (!this.#put(key, entry)) return false;
    this.#doubtful.delete(key);
    for (const each of others) this.#bytes -= entryBytes(each);
    return true;
  }

  /** Nothing is put in that could not be written, or not be read again. */
  #put(key: string, entry: PinnedPackage): boolean {
    const before = this.#entries.get(key);
    const bytes = this.#bytes + entryBytes(entry) - (before === undefined ? 0 : entryBytes(before));
    const hasRoom = bytes <= MOST_BYTES && (before !== undefined || this.#entries.size < MOST);
    if (!hasRoom || !PinnedPackage.safeParse(entry).success) return false;
    this.#entries.set(key, entry);
    this.#bytes = bytes;
    this.#isChanged = true;
    return true;
  }

  /** All that is pinned, in the order of services and targets; the lock that was given where nothing was added. */
  lock(): DriversLock {
    if (!this.#isChanged) return this.#given;
    const packages = [...this.#entries]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([, entry]) => orderedEntry(entry));
    const doubtful = [...this.#doubtful]
      .toSorted(([a], [b]) => compareText(a, b))
      .flatMap(([, entries]) => entries.map(orderedEntry));
    return { schemaVersion: 1, packages, ...(doubtful.length === 0 ? {} : { doubtful }) };
  }
}

function orderedEntry({
  service,
  package: about,
  origin,
  commit,
  accepted,
  recovered,
}: PinnedPackage): PinnedPackage {
  return {
    service,
    package: orderedPackage(about),
    origin,
    commit,
    ...(accepted === undefined ? {} : { accepted }),
    ...(recovered === undefined ? {} : { recovered }),
  };
}

function pinKey(service: string, target: DriverTarget): string {
  return `${service} ${targetKey(target)}`;
}

/** A package with its fields in one order, and nothing else. */
export function orderedPackage(about: DriverPackage): DriverPackage {
  const { file, sha256, bytes, layout } = about;
  return { ...orderedTarget(about), file, sha256, bytes, layout };
}

/** A target with its fields in one order, and nothing else. */
export function orderedTarget({ version, kernel, architecture, buildId }: DriverTarget): DriverTarget {
  return { version, kernel, architecture, ...(buildId === undefined ? {} : { buildId }) };
}
