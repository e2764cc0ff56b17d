import type { Ports, PortSpace } from './allocation.ts';
import type { NodeSeats } from './node-seats.ts';
import type { PortChoice, SinglePort } from './wanted.ts';

/** A cluster's range, and its single ports by field. */
export interface ClusterSpace {
  readonly space: PortSpace;
  readonly singles: Readonly<Record<SinglePort, number>>;
}

/** Ports of one client beside that of its agent (weka-operator §2.5). */
const CLIENT_BLOCK = 100;

const HIGHEST = 65_535;

/** What runs on nodes beside containers has these (weka-operator §2.5). */
export const RESERVED_PORTS: readonly number[] = [8090, 13_000, 14_611, 60_001, 60_002, 60_039, 60_040];

/** Offset in a range of what follows the blocks of containers: at most three of 100 or four of 60 ports (§2.5). */
export function singlesOffset({ size, block }: PortSpace): number {
  const usual = block === 60 ? 240 : 300;
  return size >= usual + SINGLES ? usual : Math.floor(Math.max(0, size - SINGLES) / block) * block;
}

/** Of the ports after the blocks, those that the manifest may name: their places are kept even where it does. */
const NAMED = 5;

/** Ports after the blocks that are kept for single uses. */
const SINGLES = 20;

/**
 * Ports for a container on a node: the first free block of its cluster's range and the first free port for its agent, or
 * for a client the first free ones of its own range that no cluster has either. Undefined where there are none.
 */
export function choosePorts(
  choice: PortChoice,
  node: NodeSeats,
  cluster: ClusterSpace | undefined,
  ranges: readonly PortSpace[],
): Ports | undefined {
  switch (choice.kind) {
    case 'none':
      return {};
    case 'cluster':
      return cluster === undefined ? undefined : clusterPorts(choice, node, cluster);
    case 'own':
      return ownPorts(choice, node, ranges) ?? ownPorts(choice, node, []);
  }
}

function clusterPorts(
  { block, singles }: Extract<PortChoice, { kind: 'cluster' }>,
  node: NodeSeats,
  cluster: ClusterSpace,
): Ports | undefined {
  const { space } = cluster;
  const after = space.first + singlesOffset(space);
  const taken: Record<string, number> = {};
  for (const field of singles) {
    const port = cluster.singles[field];
    if (fixed(node, port, 1) === undefined) return undefined;
    taken[field] = port;
  }
  const found = singles.length === 0 ? {} : { singles: taken };
  if (!block) return found;
  const count = space.block;
  const named = new Set(Object.values(cluster.singles));
  const base = firstFree(node, { first: space.first, last: after - 1, count, step: count });
  const agent = firstFree(node, {
    first: after + NAMED,
    last: space.first + space.size - 1,
    count: 1,
    step: 1,
    not: named,
  });
  return base === undefined || agent === undefined ? undefined : { base, count, agent, ...found };
}

function ownPorts(
  { port, agentPort, first, last }: Extract<PortChoice, { kind: 'own' }>,
  node: NodeSeats,
  ranges: readonly PortSpace[],
): Ports | undefined {
  const named = port === 0 ? [] : span(port, CLIENT_BLOCK);
  const agent =
    agentPort === 0
      ? firstFree(node, {
          first,
          last,
          count: 1,
          step: 1,
          ranges,
          not: new Set([...RESERVED_PORTS, ...named]),
        })
      : fixed(node, agentPort, 1);
  if (agent === undefined) return undefined;
  const base =
    port === 0
      ? firstFree(node, {
          first,
          last,
          count: CLIENT_BLOCK,
          step: 1,
          ranges,
          not: new Set([...RESERVED_PORTS, agent]),
        })
      : fixed(node, port, CLIENT_BLOCK);
  return base === undefined ? undefined : { base, count: CLIENT_BLOCK, agent };
}

function fixed(node: NodeSeats, first: number, count: number): number | undefined {
  const last = first + count - 1;
  return last <= HIGHEST && node.portOwner(first, last) === undefined ? first : undefined;
}

function span(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

interface Search {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly step: number;
  readonly ranges?: readonly PortSpace[];
  readonly not?: ReadonlySet<number>;
}

/** The first of `count` ports that are free, trying every `step`th; what is in the way is leapt over. */
function firstFree(
  node: NodeSeats,
  { first, last, count, step, ranges = [], not }: Search,
): number | undefined {
  const barriers = [
    ...node.ports,
    ...ranges.map((range) => ({ first: range.first, last: range.first + range.size - 1 })),
    ...[...(not ?? [])].map((port) => ({ first: port, last: port })),
  ];
  for (let at = first; at + count - 1 <= Math.min(last, HIGHEST);) {
    const barrier = barriers.find((each) => each.first <= at + count - 1 && at <= each.last);
    if (barrier === undefined) return at;
    at += step * Math.ceil((barrier.last + 1 - at) / step);
  }
  return undefined;
}
