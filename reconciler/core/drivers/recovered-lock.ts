import { type DriverPackage, DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { targetKey } from '../../../schemas/drivers/target.ts';
import type { DriverSource } from '../../../schemas/node/drivers.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { firstFew } from '../lint/facts/shortages.ts';
import type { Finding } from '../spec/finding.ts';
import type { DriversInput, RecoveredLock } from './decision.ts';
import { liveIntents } from './live-intent.ts';
import { type DriversLock, PackageOrigin, type PinnedPackage } from './lock.ts';
import { liveWorks, type LiveWork } from './works.ts';

/**
 * What is pinned. Where nothing is, and nodes were asked for packages all the same, the lock was lost: then that is pinned, since their
 * intents have the digests. Where they have different ones for a build, nothing is pinned for it: which of them was, nobody knows, and one
 * may be what a person gave up.
 */
export function knownLock(input: DriversInput): DriversLock {
  const { lock, commit } = input;
  if (lock.packages.length > 0 || lock.doubtful !== undefined) return lock;
  const asked = askedPackages(input);
  if (asked.length === 0) return lock;
  const works = liveWorks(input.live, input.applySet);
  const byBuild = Map.groupBy(asked, ({ service, package: about }) => `${service} ${targetKey(about)}`);
  const packages: PinnedPackage[] = [];
  const doubtful: PinnedPackage[] = [];
  for (const [, its] of [...byBuild].toSorted(([a], [b]) => compareText(a, b))) {
    const byDigest = [...Map.groupBy(its, ({ package: about }) => about.sha256)].toSorted(([a], [b]) =>
      compareText(a, b),
    );
    const list = byDigest.length > 1 ? doubtful : packages;
    for (const [, [first]] of byDigest) {
      if (first === undefined) continue;
      const { service, package: about } = first;
      list.push({ service, package: about, origin: originOf(first, works), commit, recovered: true });
    }
  }
  return { schemaVersion: 1, packages, ...(doubtful.length === 0 ? {} : { doubtful }) };
}

/** What of a lock is known by what nodes were asked for, and nobody has looked at yet; undefined where nothing is. */
export function recoveredOf({ packages, doubtful = [] }: DriversLock): RecoveredLock | undefined {
  const recovered = packages.filter((entry) => entry.recovered === true).length;
  const builds = new Set(doubtful.map(({ service, package: about }) => `${service} ${targetKey(about)}`));
  return recovered === 0 && builds.size === 0
    ? undefined
    : { packages: recovered, doubtful: [...builds].toSorted(compareText) };
}

interface Asked {
  readonly service: string;
  readonly package: DriverPackage;
  readonly from: readonly DriverSource[];
}

/** What nodes were asked to load, and what to keep for kernels that they will boot. */
function askedPackages({ intents, live }: DriversInput): readonly Asked[] {
  return [...liveIntents(intents)]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([, { drivers }]) => (drivers === undefined ? [] : [drivers, drivers.next ?? []].flat()))
    .flatMap(({ package: about, from }) => {
      const service = serviceOf(from, live);
      return service === undefined ? [] : [{ service, package: about, from }];
    });
}

/** The key of the service that an intent has its package from: a Service by its name or its address, or the address of any other. */
function serviceOf([source]: readonly DriverSource[], live: DriversInput['live']): string | undefined {
  if (source === undefined || !URL.canParse(source.url)) return undefined;
  const [name = '', namespace = '', svc] = (source.serverName ?? '').split('.');
  if (svc === 'svc') return `${namespace}/${name}`;
  const host = new URL(source.url).hostname.replace(/^\[|\]$/g, '');
  const service = [...live.values()].find((each) => addressesOf(each).includes(host));
  if (service === undefined) return source.url;
  const { metadata } = service.kind === 'Pod' ? (serviceBefore(service, live) ?? service) : service;
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function addressesOf({
  kind,
  spec,
  status,
}: KubeObject & Readonly<Record<string, unknown>>): readonly unknown[] {
  if (kind === 'Service') return [record(spec)['clusterIP']];
  return kind === 'Pod' ? [record(status)['podIP']] : [];
}

/** The Service without an address of its own whose pod this is. */
function serviceBefore(pod: KubeObject, live: DriversInput['live']): KubeObject | undefined {
  const { labels = {}, namespace } = pod.metadata;
  return [...live.values()].find((each) => {
    if (each.kind !== 'Service' || each.metadata.namespace !== namespace) return false;
    const selector = Object.entries(record(record(each['spec'])['selector']));
    return selector.length > 0 && selector.every(([label, value]) => labels[label] === value);
  });
}

/** Where a package came from, as far as that can still be seen. */
function originOf({ service, package: about, from }: Asked, works: readonly LiveWork[]): PackageOrigin {
  if (/^https?:/.test(service)) {
    const url = `${(from[0]?.url ?? service).replace(/\/+$/, '')}${DRIVERS_PATH}/${about.file}`;
    return knownOrigin({ kind: 'registry', url });
  }
  const fetch = works.find(({ order }) => order.does === 'fetch' && order.package?.sha256 === about.sha256);
  if (fetch?.order.url !== undefined) return knownOrigin({ kind: 'registry', url: fetch.order.url });
  const build = works.find(
    (work) => work.does === 'build' && work.service === service && isForBuild(work, about),
  );
  return build === undefined ? { kind: 'unknown' } : knownOrigin({ kind: 'builder', pod: build.pod });
}

function isForBuild({ target, result }: LiveWork, about: DriverPackage): boolean {
  const made = result?.result === 'published' ? result.package : target;
  return made !== undefined && targetKey(made) === targetKey(about);
}

/** What a lock can hold. */
function knownOrigin(origin: PackageOrigin): PackageOrigin {
  return PackageOrigin.safeParse(origin).success ? origin : { kind: 'unknown' };
}

/** What is told of a lock that was lost, until somebody has looked at what is known of it. Nobody wrote it into a manifest, so it has no other place than `ref`. */
export function lostLockFindings(
  { recovered }: { readonly recovered?: RecoveredLock },
  ref: string,
): readonly Finding[] {
  if (recovered === undefined) return [];
  const { packages, doubtful } = recovered;
  const which = `${packages === 1 ? '1 package is' : `${packages} packages are`} taken for trusted by what nodes were asked for`;
  const doubt =
    doubtful.length === 0
      ? ''
      : `; where nodes were asked for different ones, none is until a person chooses (${firstFew(doubtful, (each) => each)})`;
  return [
    {
      level: 'warning',
      rule: 'drivers-lock',
      file: ref,
      line: 1,
      column: 1,
      message: `The lock of drivers was lost although nodes were asked for packages: ${which}${doubt}.`,
      hint: 'Compare with drivers.lock in the history of the status branch, and find out who deleted it; then take "recovered" out of the entries that are right, in drivers.lock of the ConfigMap of the drivers.',
    },
  ];
}
