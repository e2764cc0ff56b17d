import { canonicalJson } from '../kube/hash.ts';
import { isRecord, record } from '../kube/json.ts';

/** What a container has on its node. It is written on its pod, from which all allocations can be rebuilt. */
export interface Allocation {
  readonly node: string;
  /** The node's hostname label, by which its pod is pinned, where it is not the node's name. */
  readonly hostname?: string;
  /** Serials of its whole drives. */
  readonly drives: readonly string[];
  readonly ports: Ports;
  /** The range of its cluster. */
  readonly range?: PortSpace;
  readonly failureDomain?: string;
}

/** Ports of the host. */
export interface Ports {
  /** First of its block, and how many there are. */
  readonly base?: number;
  readonly count?: number;
  readonly agent?: number;
  /** Single ports of the cluster that it serves, by field of the manifest. */
  readonly singles?: Readonly<Record<string, number>>;
}

/** The ports of a cluster on every node: blocks for containers first, then single ones. */
export interface PortSpace {
  readonly first: number;
  readonly size: number;
  readonly block: 60 | 100;
}

/** A container that has, or had, a pod. */
export interface Holding {
  readonly namespace: string;
  readonly name: string;
  readonly owner: string | undefined;
  readonly node: string;
  /** Undefined where its pod does not say what it has. */
  readonly allocation: Allocation | undefined;
  /**
   * Its pod is gone, and nothing that it had there is lost if it moves: it goes back before anything else is placed if its
   * node takes it, and elsewhere if not, since a service that waits for a node serves nobody.
   */
  readonly returns?: true;
}

/** The hostname label of its node. */
export function hostnameOf({ node, hostname = node }: Allocation): string {
  return hostname;
}

/** The value of the annotation. */
export function allocationText(allocation: Allocation): string {
  return canonicalJson(allocation);
}

/** Reads the annotation. Undefined for what is damaged: nothing is concluded from half of it. */
export function parseAllocation(text: string | undefined): Allocation | undefined {
  const value = json(text);
  if (!isRecord(value)) return undefined;
  const { node, hostname, drives, ports, range, failureDomain } = value;
  if (typeof node !== 'string' || node === '' || !isTexts(drives)) return undefined;
  const { base, count, agent, singles } = record(ports);
  const single = record(singles);
  const numbers = [base, count, agent, ...Object.values(single)].filter((each) => each !== undefined);
  if (!isRecord(ports) || !numbers.every(isPort)) return undefined;
  if (range !== undefined && !isPortSpace(range)) return undefined;
  if (hostname !== undefined && (typeof hostname !== 'string' || hostname === '')) return undefined;
  return {
    node,
    ...(hostname !== undefined && { hostname }),
    drives,
    ports,
    ...(range !== undefined && { range }),
    ...(typeof failureDomain === 'string' && { failureDomain }),
  };
}

function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '');
}

function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 65_535;
}

function isPortSpace(value: unknown): value is PortSpace {
  const { first, size, block } = record(value);
  return isPort(first) && isPort(size) && (block === 60 || block === 100);
}
