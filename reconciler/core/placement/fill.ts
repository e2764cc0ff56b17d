import { type Cell, cellsOf, softPlaceOf } from './cells.ts';
import { chooseDrives } from './choose-drives.ts';
import { choosePorts } from './choose-ports.ts';
import { compareText } from './compare-text.ts';
import type { NodeSeats } from './node-seats.ts';
import { allRanges, neighbourObstacles, roomObstacles } from './obstacles.ts';
import type { Seat, Seating } from './seating.ts';
import { type SpreadCount, spreadCounts } from './spread-counts.ts';
import type { Shape, Wanted } from './wanted.ts';

export interface Filled {
  readonly seats: readonly Seat[];
  readonly refused: readonly Wanted[];
}

/** A cell while it is filled: the least loaded node first, and those that have no room left out for good. */
type Filling = Omit<Cell, 'nodes'> & { readonly nodes: NodeSeats[] };

/**
 * Puts containers of one shape on nodes, one after another: each in the place that has the fewest of them, and there on
 * the node with the fewest containers of WEKA. For a shape with one constraint at most this seats as many as can be.
 */
export function fill(containers: readonly Wanted[], seating: Seating): Filled {
  const seats: Seat[] = [];
  const refused: Wanted[] = [];
  const shape = containers[0]?.shape;
  if (shape === undefined) return { seats, refused };
  const counts = spreadCounts(shape, seating);
  const soft = new Map<string, number>();
  for (const seat of seating.seats.values()) {
    if (seat.wanted.shape.key === shape.key) count(soft, softPlaceOf(shape, seat.node));
  }
  const cells = cellsOf(shape, seating).map((cell) => ({ ...cell, nodes: cell.nodes.toSorted(byLoad) }));
  for (const wanted of containers) {
    const node = bestNode(shape, cells, counts, soft, seating);
    if (node === undefined) {
      refused.push(wanted);
      continue;
    }
    seats.push(...seatWhole(wanted, node, seating));
    for (const each of counts) {
      const place = node.labels[each.constraint.topologyKey];
      if (place !== undefined) each.addOne(place);
    }
    count(soft, softPlaceOf(shape, node));
  }
  return { seats, refused };
}

/** Seats a container, for which there is room, with all that stands beside it. */
export function seatWhole(wanted: Wanted, node: NodeSeats, seating: Seating): readonly Seat[] {
  return [wanted, ...wanted.companions].map((each) => {
    const { shape } = each;
    const drives = shape.drives === undefined ? [] : (chooseDrives(node.freeDrives(), shape.drives) ?? []);
    const ports = choosePorts(shape.ports, node, seating.spaces.get(shape.owner), allRanges(seating)) ?? {};
    return seating.seat(each, node, { drives, ports });
  });
}

function byLoad(a: NodeSeats, b: NodeSeats): number {
  return a.load - b.load || compareText(a.name, b.name);
}

function bestNode(
  shape: Shape,
  cells: readonly Filling[],
  counts: readonly SpreadCount[],
  soft: ReadonlyMap<string, number>,
  seating: Seating,
): NodeSeats | undefined {
  const least = counts.map((each) => each.least());
  let best: { readonly node: NodeSeats; readonly rank: readonly number[] } | undefined;
  for (const cell of cells) {
    const allowed = counts.every((each, index) => each.allows(cell.places[index] ?? '', least[index] ?? 0));
    if (!allowed) continue;
    const hard = counts.reduce((sum, each, index) => sum + each.at(cell.places[index] ?? ''), 0);
    const rank = [hard, soft.get(cell.softPlace) ?? 0];
    // What has more already is not looked at further.
    if (best !== undefined && compareRanks(rank, best.rank) > 0) continue;
    const node = firstWithRoom(shape, cell, seating);
    if (node === undefined) continue;
    const whole = [...rank, node.load];
    const order = best === undefined ? -1 : compareRanks(whole, best.rank);
    if (best === undefined || order < 0 || (order === 0 && compareText(node.name, best.node.name) < 0)) {
      best = { node, rank: whole };
    }
  }
  return best?.node;
}

/** By the numbers that both have. */
function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? rank);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The best node of a cell. Those that have no room are dropped, since nothing of this shape makes room again. */
function firstWithRoom(shape: Shape, { nodes }: Filling, seating: Seating): NodeSeats | undefined {
  for (let at = 0; at < nodes.length;) {
    const node = nodes[at];
    if (node === undefined) return undefined;
    const next = nodes[at + 1];
    if (!roomObstacles(shape, node, seating).next().done) nodes.splice(at, 1);
    // It has been given a container since the nodes were sorted.
    else if (next !== undefined && byLoad(next, node) < 0) moveBack(nodes, at);
    // Only neighbours are in the way, and these may come.
    else if (shape.affinity.length > 0 && !neighbourObstacles(shape, node, seating, []).next().done) at += 1;
    else return node;
  }
  return undefined;
}

/** Puts the node at `at` behind all that are less loaded. */
function moveBack(nodes: NodeSeats[], at: number): void {
  const [node] = nodes.splice(at, 1);
  if (node === undefined) return;
  let [low, high] = [at, nodes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = nodes[middle];
    if (other !== undefined && byLoad(other, node) < 0) low = middle + 1;
    else high = middle;
  }
  nodes.splice(low, 0, node);
}

function count(places: Map<string, number>, place: string): void {
  places.set(place, (places.get(place) ?? 0) + 1);
}
