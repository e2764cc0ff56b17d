import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import { targetKey } from '../../../schemas/drivers/target.ts';
import type { DriversIntent, DriverSource } from '../../../schemas/node/drivers.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { firstFew } from '../lint/facts/shortages.ts';
import type { Finding } from '../spec/finding.ts';
import type { DriversInput, RecoveredLock } from './decision.ts';
import { liveIntents } from './live-intent.ts';
import type { DriversLock, PackageOrigin, PinnedPackage } from './lock.ts';
import { liveWorks, type LiveWork } from './works.ts';

interface Known {
  readonly lock: DriversLock;
  readonly recovered?: RecoveredLock;
}

/**
 * What is pinned. Where nothing is, and nodes were asked for packages all the same, the lock was lost: then that is pinned, since their
 * intents have the digests. Of two packages for one build, the one that more nodes were asked for.
 */
export function knownLock(input: DriversInput): Known {
  const { lock, commit } = input;
  if (lock.packages.length > 0) return { lock };
  const asked = askedPackages(input);
  if (asked.length === 0) return { lock };
  const works = liveWorks(input.live, input.applySet);
  const byBuild = Map.groupBy(asked, ({ service, drivers }) => `${service} ${targetKey(drivers.package)}`);
  const doubtful: string[] = [];
  const packages = [...byBuild]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([build, its]): readonly PinnedPackage[] => {
      const byDigest = [...Map.groupBy(its, ({ drivers }) => drivers.package.sha256)].toSorted(
        ([a, one], [b, other]) => other.length - one.length || compareText(a, b),
      );
      if (byDigest.length > 1) doubtful.push(build);
      const most = byDigest[0]?.[1][0];
      if (most === undefined) return [];
      const { service, drivers } = most;
      const origin = originOf(service, drivers, works);
      return [{ service, package: drivers.package, origin, commit, recovered: true }];
    });
  return {
    lock: { schemaVersion: 1, packages },
    recovered: { packages: packages.length, doubtful },
  };
}

interface Asked {
  readonly service: string;
  readonly drivers: DriversIntent;
}

function askedPackages({ intents, live }: DriversInput): readonly Asked[] {
  return [...liveIntents(intents)]
    .toSorted(([a], [b]) => compareText(a, b))
    .flatMap(([, { drivers }]) => {
      const service = drivers && serviceOf(drivers.from, live);
      return drivers === undefined || service === undefined ? [] : [{ service, drivers }];
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

function originOf(
  service: string,
  { package: about, from }: DriversIntent,
  works: readonly LiveWork[],
): PackageOrigin {
  if (/^https?:/.test(service)) {
    const url = `${(from[0]?.url ?? service).replace(/\/+$/, '')}${DRIVERS_PATH}/${about.file}`;
    return { kind: 'registry', url };
  }
  const fetch = works.find(({ order }) => order.does === 'fetch' && order.package?.sha256 === about.sha256);
  if (fetch?.order.url !== undefined) return { kind: 'registry', url: fetch.order.url };
  const build = works.find(({ does, service: key }) => does === 'build' && key === service);
  return { kind: 'builder', pod: build?.pod ?? '' };
}

/** What is told of a lock that was lost. Nobody wrote it into a manifest, so it has no other place than `ref`. */
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
      : `, of several digests the one that most nodes were asked for (${firstFew(doubtful, (each) => each)})`;
  return [
    {
      level: 'warning',
      rule: 'drivers-lock',
      file: ref,
      line: 1,
      column: 1,
      message: `The lock of drivers is gone or empty although nodes were asked for packages: ${which}${doubt}.`,
      hint: 'Compare with drivers.lock in the history of the status branch, and find out who deleted it.',
    },
  ];
}
