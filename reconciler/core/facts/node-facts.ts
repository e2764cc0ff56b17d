import { record, records } from '../kube/json.ts';
import { units } from './amounts.ts';
import { type NodeAnnotations, parseNodeAnnotations } from './node-annotations.ts';
import { parseResources, type Resources } from './resources.ts';
import { texts } from './texts.ts';

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What a node is, has and takes. */
export interface NodeFacts {
  readonly name: string;
  readonly uid?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Without those that come and go with the node's condition: `obstacle` tells of these. */
  readonly taints: readonly Taint[];
  /** Why it takes no pods now: `is cordoned`; undefined where it does. */
  readonly obstacle: string | undefined;
  /** Whether its kubelet says that it is well. */
  readonly isReady: boolean;
  /** Whether another node has the same hostname, which is then the obstacle. */
  readonly hasTwin?: true;
  /** What pods can have of it. Its drives are those that are signed and not blocked. */
  readonly allocatable: Resources;
  /** Pods that its kubelet takes, where it says so. */
  readonly maxPods?: number;
  /** Whether anything says which signed drives it has. */
  readonly knowsDrives: boolean;
  readonly annotations: NodeAnnotations;
  /** By the report of its agent, else by the operator's annotation; undefined where neither tells. */
  readonly hyperThreading: boolean | undefined;
  /** Of the boot that runs; empty where it does not say. */
  readonly bootId: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly osImage: string;
  readonly kubelet: string;
}

/** Taints that the control plane puts on a node, and takes away again, as a condition of it comes and goes. */
export const OF_CONDITIONS =
  /^node\.kubernetes\.io\/(?:unschedulable|not-ready|unreachable|network-unavailable|(?:disk|memory|pid)-pressure)$/;

/** What decides about a Node, as kubectl prints it. */
export function nodeFacts(node: Readonly<Record<string, unknown>>): NodeFacts {
  const { metadata, spec, status } = node;
  const { name, uid, labels, annotations: given } = record(metadata);
  const { allocatable, conditions, nodeInfo } = record(status);
  const { kernelVersion, architecture, osImage, kubeletVersion, bootID } = record(nodeInfo);
  const known = texts(labels);
  const annotations = parseNodeAnnotations(texts(given));
  const has = parseResources(allocatable);
  const { pods } = record(allocatable);
  return {
    name: String(name),
    ...(typeof uid === 'string' && { uid }),
    labels: known,
    taints: records(record(spec)['taints'])
      .map(({ key, value, effect }) => ({ key: text(key), value: text(value), effect: text(effect) }))
      .filter(({ key }) => !OF_CONDITIONS.test(key)),
    obstacle: obstacle(record(spec), records(conditions)),
    isReady: isTrue(records(conditions), 'Ready'),
    allocatable: { ...has, ...drivesOf(annotations, has) },
    ...(pods !== undefined && { maxPods: units(pods) }),
    knowsDrives: annotations.drives !== undefined || DRIVE_RESOURCE in record(allocatable),
    annotations,
    hyperThreading: annotations.discovery?.hyperThreading,
    bootId: text(bootID),
    kernel: text(kernelVersion),
    architecture: text(architecture) || (known['kubernetes.io/arch'] ?? ''),
    osImage: text(osImage),
    kubelet: text(kubeletVersion),
  };
}

const DRIVE_RESOURCE = 'weka.io/drives';

/**
 * Annotations say which drives there are, and the extended resource what the scheduler gives: the smaller of both holds,
 * and where the node has no such resource, there is nothing to give.
 */
function drivesOf({ drives, blocked }: NodeAnnotations, has: Resources): Partial<Resources> {
  const free = drives?.filter((serial) => !blocked.has(serial)).length;
  return free === undefined ? {} : { drives: Math.min(free, has.drives) };
}

function obstacle(
  { unschedulable }: Readonly<Record<string, unknown>>,
  conditions: readonly Readonly<Record<string, unknown>>[],
): string | undefined {
  if (unschedulable === true) return 'is cordoned';
  if (!isTrue(conditions, 'Ready')) return 'is not ready';
  const pressure = ['DiskPressure', 'MemoryPressure', 'PIDPressure'].find((name) => isTrue(conditions, name));
  if (pressure !== undefined) return `has ${pressure}`;
  return isTrue(conditions, 'NetworkUnavailable') ? 'has no network' : undefined;
}

function isTrue(conditions: readonly Readonly<Record<string, unknown>>[], name: string): boolean {
  return conditions.some(({ type, status }) => type === name && status === 'True');
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
