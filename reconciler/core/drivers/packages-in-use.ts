import type { PackagesInUse } from '../../../schemas/drivers/packages-in-use.ts';
import { compareText } from '../placement/compare-text.ts';
import type { LiveIntent } from './live-intent.ts';
import type { DriversLock, PinnedPackage } from './lock.ts';
import type { ResolvedCell } from './resolve-cell.ts';
import type { Situation } from './situation.ts';

/** What distribution services keep, whatever comes. */
export interface ServicesInUse {
  /** By the keys of services, by the names of packages. */
  readonly packages: ReadonlyMap<string, PackagesInUse['packages']>;
  /** Whether all that asks for packages is known; else nothing that was in use before is let go. */
  readonly isComplete: boolean;
}

/**
 * Pinned packages that somebody may ask a service for: those that a node needs, will need or is built for, those that an intent in the
 * cluster names, and those that a node has loaded or keeps, to which it may have to go back.
 */
export function servicesInUse({
  lock,
  cells,
  intents,
  situation: { reports, kernels, choices, isComplete },
}: {
  readonly lock: DriversLock;
  readonly cells: readonly ResolvedCell[];
  readonly intents: ReadonlyMap<string, LiveIntent>;
  readonly situation: Pick<Situation, 'reports' | 'kernels' | 'choices' | 'isComplete'>;
}): ServicesInUse {
  const wanted = new Set(cells.flatMap(({ pinned }) => (pinned === undefined ? [] : [keyOf(pinned)])));
  const named = new Set([
    ...[...intents.values()].flatMap(({ drivers }) => drivers?.package.sha256 ?? []),
    ...[...reports.values()].flatMap(({ drivers }) => [
      ...(drivers?.cached ?? []),
      ...(drivers?.loaded === undefined ? [] : [drivers.loaded.sha256]),
    ]),
  ]);
  const packages = new Map<string, Map<string, string>>();
  const keep = ({ service, package: { file, sha256 } }: PinnedPackage) => {
    const its = packages.get(service) ?? new Map<string, string>();
    if (!its.has(file)) its.set(file, sha256);
    packages.set(service, its);
  };
  // Of two of one name, the one that is needed.
  lock.packages.filter((each) => wanted.has(keyOf(each))).forEach(keep);
  lock.packages.filter((each) => named.has(each.package.sha256)).forEach(keep);
  // What a node has loaded and keeps only its agent says.
  const areTold = [...choices.keys()].every((node) => {
    const kernel = kernels.get(node);
    return kernel !== undefined && 'counts' in kernel && kernel.counts;
  });
  return {
    packages: new Map([...packages].map(([service, its]) => [service, listOf(its)])),
    isComplete: isComplete && areTold,
  };
}

function keyOf({ service, package: { sha256 } }: PinnedPackage): string {
  return `${service} ${sha256}`;
}

/** A list in the order of names. */
export function listOf(digests: ReadonlyMap<string, string>): PackagesInUse['packages'] {
  return [...digests].toSorted(([a], [b]) => compareText(a, b)).map(([file, sha256]) => ({ file, sha256 }));
}
