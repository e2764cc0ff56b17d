import { isRecord, record, records } from '../kube/json.ts';
import { most, NOTHING, parseResources, plus, type Resources, resources } from './resources.ts';
import { texts } from './texts.ts';

/** Annotation of a pod with what its container was given; `parseAllocation` reads it. */
export const ALLOCATION = 'weka-gitops.dev/allocation';

/** What a pod takes of its node. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  /** Empty before it is scheduled. */
  readonly node: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Only the one that says what a container has on its node. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether all its containers have ended for good: it then takes nothing of its node. */
  readonly ended: boolean;
  /** Whether it is being deleted: it takes what it has until it is gone. */
  readonly terminating?: boolean;
  /** Whether its containers say that they do their work; absent where they do not. */
  readonly ready?: true;
  /** What the scheduler sets aside for it. */
  readonly requests: Resources;
  readonly hostPorts: readonly number[];
  /** Cores of a container of WEKA, as its environment says. */
  readonly cores: number | undefined;
  /** As its spec has it: it may keep others away. */
  readonly affinity?: unknown;
}

/** What decides about a Pod, as kubectl prints it. */
export function podFacts(pod: Readonly<Record<string, unknown>>): PodFacts {
  const { namespace, name, labels, annotations, deletionTimestamp } = record(pod['metadata']);
  const spec = record(pod['spec']);
  const status = record(pod['status']);
  const ended = status['phase'] === 'Succeeded' || status['phase'] === 'Failed';
  const containers = records(spec['containers']);
  const allocation = record(annotations)[ALLOCATION];
  const { affinity } = spec;
  return {
    namespace: String(namespace),
    name: String(name),
    node: typeof spec['nodeName'] === 'string' ? spec['nodeName'] : '',
    labels: texts(labels),
    ...(typeof allocation === 'string' && { annotations: { [ALLOCATION]: allocation } }),
    ended,
    ...(deletionTimestamp !== undefined && { terminating: true }),
    ...(isReady(status['conditions']) && { ready: true }),
    requests: ended ? NOTHING : podRequests(spec, status),
    hostPorts: ended ? [] : hostPortsOf(spec),
    cores: coresOf(containers),
    ...(isRecord(affinity) && { affinity }),
  };
}

function isReady(conditions: unknown): boolean {
  return records(conditions).some(({ type, status }) => type === 'Ready' && status === 'True');
}

/**
 * What the scheduler sets aside for a pod. Init containers run one after another beside the sidecars that began before
 * them, so the largest moment counts; what the pod itself asks for stands in place of the sum of its containers; its
 * overhead comes on top (k8s.io/component-helpers/resource, PodRequests).
 */
export function podRequests(
  spec: Readonly<Record<string, unknown>>,
  status: Readonly<Record<string, unknown>> = {},
): Resources {
  let running = NOTHING;
  for (const container of records(spec['containers'])) {
    running = plus(running, requestsOf(container, status['containerStatuses']));
  }
  let sidecars = NOTHING;
  let start = NOTHING;
  for (const container of records(spec['initContainers'])) {
    const own = requestsOf(container, status['initContainerStatuses']);
    if (isSidecar(container)) sidecars = plus(sidecars, own);
    start = most(start, isSidecar(container) ? sidecars : plus(sidecars, own));
  }
  const sum = most(plus(running, sidecars), start);
  const whole = withPodLevel(sum, record(spec['resources'])['requests']);
  return isRecord(spec['overhead']) ? plus(whole, parseResources(spec['overhead'])) : whole;
}

/** A container that is being resized takes the larger of what it has and what it shall have. */
function requestsOf(container: Readonly<Record<string, unknown>>, statuses: unknown): Resources {
  const requests = record(container['resources'])['requests'];
  const asked = isRecord(requests) ? parseResources(requests) : NOTHING;
  if (!Array.isArray(statuses)) return asked;
  const status = records(statuses).find(({ name }) => name === container['name']);
  const has = record(status?.['resources'])['requests'];
  const given = isRecord(has) && !same(has, requests) ? most(asked, parseResources(has)) : asked;
  const allocated = status?.['allocatedResources'];
  return isRecord(allocated) && !same(allocated, requests) ? most(given, parseResources(allocated)) : given;
}

function same(one: Readonly<Record<string, unknown>>, other: unknown): boolean {
  return Object.entries(one).every(([name, value]) => record(other)[name] === value);
}

/** Only these can be asked for by the pod as a whole. */
const POD_LEVEL: Readonly<Partial<Record<keyof Resources, string>>> = {
  cpuMillis: 'cpu',
  memoryBytes: 'memory',
  hugePages2MiBytes: 'hugepages-2Mi',
  hugePages1GiBytes: 'hugepages-1Gi',
};

function withPodLevel(sum: Resources, requests: unknown): Resources {
  if (!isRecord(requests)) return sum;
  const asked = parseResources(requests);
  return resources((field) => {
    const name = POD_LEVEL[field];
    return name !== undefined && name in requests ? asked[field] : sum[field];
  });
}

function isSidecar(container: Readonly<Record<string, unknown>>): boolean {
  return container['restartPolicy'] === 'Always';
}

/** Ports of its node that a pod with this spec takes. */
export function hostPortsOf(spec: Readonly<Record<string, unknown>>): readonly number[] {
  const containers = [...records(spec['containers']), ...records(spec['initContainers']).filter(isSidecar)];
  return containers.flatMap(({ ports }) =>
    records(ports).flatMap(({ hostPort }) =>
      typeof hostPort === 'number' && hostPort > 0 ? [hostPort] : [],
    ),
  );
}

function coresOf(containers: readonly Readonly<Record<string, unknown>>[]): number | undefined {
  for (const { env } of containers) {
    if (!Array.isArray(env)) continue;
    const value = records(env).find(({ name }) => name === 'CORES')?.['value'];
    if (typeof value === 'string' && /^\d{1,4}$/.test(value)) return Number(value);
  }
  return undefined;
}
