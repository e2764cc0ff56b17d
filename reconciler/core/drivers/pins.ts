import type { DriverPackage } from '../../../schemas/drivers/package.ts';
import { type DriverTarget, targetKey } from '../../../schemas/drivers/target.ts';
import { compareText } from '../placement/compare-text.ts';
import type { DriversLock, PinnedPackage } from './lock.ts';

/** So many a lock has at most. */
const MOST = 4096;

/** What is pinned, by service and target. Once pinned, a digest gives way to another only where a person accepts that. */
export class Pins {
  readonly #given: DriversLock;
  readonly #entries: Map<string, PinnedPackage>;
  #isChanged: boolean;

  constructor(lock: DriversLock) {
    this.#given = lock;
    this.#entries = new Map();
    // Of two for the same the first holds.
    for (const entry of lock.packages) {
      const key = pinKey(entry.service, entry.package);
      if (!this.#entries.has(key)) this.#entries.set(key, entry);
    }
    this.#isChanged = this.#entries.size < lock.packages.length;
  }

  get isFull(): boolean {
    return this.#entries.size >= MOST;
  }

  /** What is pinned for the first of the targets that has anything. */
  find(service: string, targets: readonly DriverTarget[]): PinnedPackage | undefined {
    return targets.flatMap((target) => this.#entries.get(pinKey(service, target)) ?? [])[0];
  }

  /** Pins a package that was seen for the first time; false where there is no room. What is pinned already stays as it is. */
  add(entry: PinnedPackage): boolean {
    const key = pinKey(entry.service, entry.package);
    if (this.#entries.has(key)) return true;
    if (this.isFull) return false;
    this.#entries.set(key, entry);
    this.#isChanged = true;
    return true;
  }

  /** Pins a package in place of another that a person gave up for it. */
  replace(old: PinnedPackage, entry: PinnedPackage): void {
    this.#entries.delete(pinKey(old.service, old.package));
    this.#entries.set(pinKey(entry.service, entry.package), entry);
    this.#isChanged = true;
  }

  /** All that is pinned, in the order of services and targets; the lock that was given where nothing was added. */
  lock(): DriversLock {
    if (!this.#isChanged) return this.#given;
    const packages = [...this.#entries]
      .toSorted(([a], [b]) => compareText(a, b))
      .map(([, { service, package: about, origin, commit, accepted, recovered }]) => ({
        service,
        package: orderedPackage(about),
        origin,
        commit,
        ...(accepted === undefined ? {} : { accepted }),
        ...(recovered === undefined ? {} : { recovered }),
      }));
    return { schemaVersion: 1, packages };
  }
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
