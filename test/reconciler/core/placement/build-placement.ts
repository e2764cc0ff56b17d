import { nodeFacts } from '../../../../reconciler/core/facts/node-facts.ts';
import { ALLOCATION, type PodFacts, podFacts } from '../../../../reconciler/core/facts/pod-facts.ts';
import { allocationText } from '../../../../reconciler/core/placement/allocation.ts';
import { holdingsOf } from '../../../../reconciler/core/placement/holdings.ts';
import type {
  DriveFacts,
  PlacementInput,
  PlacementNode,
} from '../../../../reconciler/core/placement/input.ts';
import { place } from '../../../../reconciler/core/placement/place.ts';
import type { Placement, PlacementResult } from '../../../../reconciler/core/placement/result.ts';
import { wantClient, type ClientOptions } from '../../../../reconciler/core/placement/want-client.ts';
import { type ClusterOptions, wantCluster } from '../../../../reconciler/core/placement/want-cluster.ts';
import { wantContainer } from '../../../../reconciler/core/placement/want-container.ts';
import { type Wanted, wantedKey, type Wants } from '../../../../reconciler/core/placement/wanted.ts';
import { WekaClient } from '../../../../schemas/weka-client.ts';
import { WekaCluster } from '../../../../schemas/weka-cluster.ts';
import { WekaContainer } from '../../../../schemas/weka-container.ts';

const IMAGE = 'quay.io/weka.io/weka-in-container:4.4.10';
const API = 'weka.weka.io/v1alpha1';

export interface NodeOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** Beside or in place of 64 cores, 256Gi, 64Gi of huge pages and 500Gi of disk. */
  readonly has?: Readonly<Record<string, string>>;
  readonly drives?: readonly string[];
  readonly blocked?: readonly string[];
  readonly taints?: readonly object[];
  readonly cordoned?: boolean;
  readonly maxPods?: number;
  readonly driveDetails?: readonly DriveFacts[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A node as kubectl prints it, with the drives a-1 to a-4 for node-a and no hyper-threading unless told otherwise. */
export function aNode(name: string, options: NodeOptions = {}): PlacementNode {
  const { labels, has, taints, cordoned, maxPods, driveDetails, annotations } = options;
  const drives = options.drives ?? [1, 2, 3, 4].map((each) => `${name.replace('node-', '')}-${each}`);
  const facts = nodeFacts({
    metadata: {
      name,
      labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name, ...labels },
      annotations: {
        'weka.io/weka-drives': JSON.stringify(drives),
        'weka.io/discovery.json': '{"is_ht":false}',
        ...(options.blocked && { 'weka.io/blocked-drives': JSON.stringify(options.blocked) }),
        ...annotations,
      },
    },
    spec: { ...(taints && { taints }), ...(cordoned === true && { unschedulable: true }) },
    status: {
      allocatable: {
        cpu: '64',
        memory: '256Gi',
        'hugepages-2Mi': '64Gi',
        'ephemeral-storage': '500Gi',
        'weka.io/drives': String(drives.length),
        ...has,
      },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  });
  return { ...facts, ...(maxPods !== undefined && { maxPods }), ...(driveDetails && { driveDetails }) };
}

/** node-a, node-b and so on. */
export function nodes(count: number, options: NodeOptions = {}): readonly PlacementNode[] {
  return Array.from({ length: count }, (_, index) =>
    aNode(`node-${String.fromCharCode(97 + index)}`, options),
  );
}

export interface PodOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Readonly<Record<string, string>>;
  readonly hostPorts?: readonly number[];
  readonly affinity?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
}

/** A pod of somebody that runs on a node. */
export function aPod(name: string, node: string, options: PodOptions = {}): PodFacts {
  const { labels, requests = {}, hostPorts = [], affinity, annotations, namespace = 'other' } = options;
  const facts = podFacts({
    metadata: { name, namespace, ...(labels && { labels }) },
    spec: {
      nodeName: node,
      containers: [
        { name: 'c', resources: { requests }, ports: hostPorts.map((hostPort) => ({ hostPort })) },
      ],
    },
    status: { phase: 'Running' },
  });
  return { ...facts, ...(affinity && { affinity }), ...(annotations && { annotations }) };
}

/** What a cluster asks for; without containers but those that the spec names. */
export function cluster(
  spec: Readonly<Record<string, unknown>> = {},
  name = 'demo',
  options: ClusterOptions = {},
): Wants {
  const manifest = WekaCluster.parse({
    apiVersion: API,
    kind: 'WekaCluster',
    metadata: { name, namespace: 'weka' },
    spec: { image: IMAGE, ...spec },
  });
  const named = (spec['dynamicTemplate'] ?? {}) as Readonly<Record<string, unknown>>;
  const wants = wantCluster(manifest, options);
  // Every cluster computes and owns drives; most of what is tested needs fewer containers.
  const containers = wants.containers.filter(
    ({ shape: { mode } }) => !['compute', 'drive'].includes(mode) || Boolean(named[`${mode}Containers`]),
  );
  return { ...wants, containers };
}

/** What a client asks for on these nodes. */
export function client(
  spec: object,
  on: readonly PlacementNode[],
  pods: readonly PodFacts[] = [],
  { name = 'mounts', ...options }: ClientOptions & { readonly name?: string } = {},
): Wants {
  const manifest = WekaClient.parse({
    apiVersion: API,
    kind: 'WekaClient',
    metadata: { name, namespace: 'weka' },
    spec: { image: IMAGE, ...spec },
  });
  return wantClient(manifest, on, holdingsOf(pods), options);
}

export function container(name: string, spec: object, labels: Readonly<Record<string, string>> = {}): Wants {
  const manifest = WekaContainer.parse({
    apiVersion: API,
    kind: 'WekaContainer',
    metadata: { name, namespace: 'weka', labels },
    spec: { image: IMAGE, ...spec },
  });
  return wantContainer(manifest);
}

export function both(...wants: readonly Wants[]): Wants {
  return {
    containers: wants.flatMap(({ containers }) => containers),
    ranges: wants.flatMap(({ ranges }) => ranges),
  };
}

export type World = Omit<Partial<PlacementInput>, 'wants'> & { readonly wants: Wants };

export function inputOf({ wants, nodes: on = [], pods = [], ...rest }: World): PlacementInput {
  return { wants, nodes: on, pods, holdings: holdingsOf(pods), ...rest };
}

export function placed(world: World): PlacementResult {
  return place(inputOf(world));
}

/** `demo-drive-0 on node-a`, with the drives where there are any. */
export function seats({ placements }: PlacementResult): readonly string[] {
  return placements.map(({ name, allocation: { node, drives } }) =>
    `${name} on ${node} ${drives.join(',')}`.trim(),
  );
}

/** All containers, with those that stand beside others. */
export function flat({ containers }: Wants): readonly Wanted[] {
  return containers.flatMap((each) => [each, ...each.companions]);
}

/** Pods that run as they were placed. */
export function runningAs(
  { placements }: Pick<PlacementResult, 'placements'>,
  wants: Wants,
): readonly PodFacts[] {
  const shapes = new Map(flat(wants).map((each) => [wantedKey(each), each.shape]));
  return placements.map((placement) => podOf(placement, shapes.get(wantedKey(placement))));
}

function podOf(placement: Placement, shape: Wanted['shape'] | undefined): PodFacts {
  const { namespace, name, allocation } = placement;
  if (shape === undefined) throw new Error(`${name} is not wanted`);
  return {
    namespace,
    name,
    node: allocation.node,
    labels: shape.labels,
    ended: false,
    requests: shape.requests.plain,
    hostPorts: [],
    cores: undefined,
    annotations: { [ALLOCATION]: allocationText(allocation) },
  };
}
