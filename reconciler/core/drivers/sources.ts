import { DRIVERS_PATH } from '../../../schemas/drivers/package.ts';
import type { DriverSource } from '../../../schemas/node/drivers.ts';
import { record, records } from '../kube/json.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import type { Reference } from '../lint/client/target-of.ts';
import { compareText } from '../placement/compare-text.ts';
import { isAllowedRegistry, registryRefusal } from './allowed-registry.ts';
import { isWebService, serviceHost } from './driver-service.ts';
import type { DriverService } from './drivers.ts';
import type { PinnedPackage } from './lock.ts';
import type { ResolvedCell } from './resolve-cell.ts';

/** An intent names so many sources at most. */
const MOST = 8;

interface SourcesInput {
  readonly live: ReadonlyMap<ObjectId, KubeObject>;
  readonly ca?: string;
  /** Registries that the process's configuration lets packages come from; the vendor's alone where unset. */
  readonly registries?: readonly string[] | undefined;
  /** Whether a Service of the cluster is one that the repository makes. */
  readonly isOurs: (service: Reference) => boolean;
}

/**
 * Where the agent of a node, which no Service's name is known to, has a package from; or why it can have it from nowhere yet,
 * in one sentence.
 */
export function driverSources(
  service: DriverService,
  { live, ca, registries, isOurs }: SourcesInput,
  pinned?: PinnedPackage,
): readonly DriverSource[] | { readonly why: string } {
  const { inCluster } = service;
  if (inCluster === undefined) {
    if (!isWebService(service)) {
      return { why: `${service.url} is a folder, which agents of nodes do not read.` };
    }
    const url = baseOf(service, pinned);
    const refusal = registryRefusal(service.url, registries) ?? registryRefusal(url, registries);
    return refusal === undefined ? [{ url }] : { why: refusal.why };
  }
  const { namespace, name } = inCluster;
  if (!isOurs(inCluster) && !isAllowedRegistry(service.url, registries)) {
    return {
      why: `Service ${service.key} is none that this repository makes, and ceilings.driverRegistries of the configuration does not name ${service.url}.`,
    };
  }
  const object = live.get(objectId({ apiVersion: 'v1', kind: 'Service', metadata: { namespace, name } }));
  if (object === undefined) return { why: `Service ${service.key} is not there yet.` };
  const isSecure = service.url.startsWith('https:');
  if (isSecure && ca === undefined) return { why: 'The authority for the certificates is not there yet.' };
  const { port, protocol } = new URL(service.url);
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  const hosts = hostsOf(object, number, live);
  if (hosts.length === 0) return { why: `Service ${service.key} has no address yet.` };
  return hosts.slice(0, MOST).map(({ address, port: at }) => ({
    url: `${protocol}//${address.includes(':') ? `[${address}]` : address}:${at}`,
    ...(isSecure ? { serverName: serviceHost({ namespace, name }), ca } : {}),
  }));
}

/** Where the file of the package itself is known to be, its folder is taken from that. */
function baseOf({ url }: DriverService, pinned: PinnedPackage | undefined): string {
  if (pinned?.origin.kind !== 'registry') return url;
  const end = `${DRIVERS_PATH}/${pinned.package.file}`;
  return pinned.origin.url.endsWith(end) ? pinned.origin.url.slice(0, -end.length) : url;
}

interface Host {
  readonly address: string;
  readonly port: number;
}

function hostsOf(
  service: KubeObject,
  port: number,
  live: ReadonlyMap<ObjectId, KubeObject>,
): readonly Host[] {
  const { clusterIP, selector, ports } = record(service['spec']);
  if (typeof clusterIP !== 'string' || clusterIP === '') return [];
  if (clusterIP !== 'None') return [{ address: clusterIP, port }];
  const { targetPort } = records(ports).find((each) => each['port'] === port) ?? {};
  const wanted = Object.entries(record(selector));
  if (wanted.length === 0) return [];
  return [...live.values()]
    .filter(
      ({ kind, metadata }) =>
        kind === 'Pod' &&
        metadata.namespace === service.metadata.namespace &&
        metadata.deletionTimestamp === undefined &&
        wanted.every(([label, value]) => metadata.labels?.[label] === value),
    )
    .flatMap((pod) => {
      const { podIP, conditions } = record(pod['status']);
      const isReady = records(conditions).some(({ type, status }) => type === 'Ready' && status === 'True');
      return isReady && typeof podIP === 'string' && podIP !== ''
        ? [{ address: podIP, port: portOf(pod, targetPort) ?? port }]
        : [];
    })
    .toSorted((a, b) => compareText(a.address, b.address));
}

/** The port of a pod that a Service leads to, by its number or its name. */
function portOf(pod: KubeObject, targetPort: unknown): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  if (typeof targetPort !== 'string') return undefined;
  const named = records(record(pod['spec'])['containers'])
    .flatMap(({ ports }) => records(ports))
    .find(({ name }) => name === targetPort);
  return typeof named?.['containerPort'] === 'number' ? named['containerPort'] : undefined;
}

/** Where the packages of cells can be had; each is looked for once, however many nodes need it. */
export class CellSources {
  readonly #input: SourcesInput;
  readonly #known = new Map<string, ReturnType<typeof driverSources>>();

  constructor(input: SourcesInput) {
    this.#input = input;
  }

  of({ want, pinned }: Pick<ResolvedCell, 'want' | 'pinned'>): ReturnType<typeof driverSources> {
    const { key, service } = want;
    if (service === undefined) return { why: 'Nobody says where packages come from.' };
    const known = this.#known.get(key) ?? driverSources(service, this.#input, pinned);
    this.#known.set(key, known);
    return known;
  }
}
