import { cellsOf } from './cells.ts';
import { MODES_BY_WORTH } from './cluster-role.ts';
import { compareText } from './compare-text.ts';
import { fill, type Filled, seatWhole } from './fill.ts';
import { obstacles, roomObstacles } from './obstacles.ts';
import type { Seat, Seating } from './seating.ts';
import { spreadCounts } from './spread-counts.ts';
import type { Wanted } from './wanted.ts';

/** Containers that are yet to be placed, in the groups in which that is done. */
export interface Pending {
  /** Each on a node of its own that cannot be another one, before all others. */
  readonly pinned: readonly Wanted[];
  /** Each group of one shape. */
  readonly groups: readonly (readonly Wanted[])[];
  /** Clients, and what stands beside containers that stay: they have no choice and give way. */
  readonly last: readonly Wanted[];
}

export interface Attempt {
  readonly seats: readonly Seat[];
  readonly refused: readonly Wanted[];
  readonly order: readonly (readonly Wanted[])[];
}

/**
 * Places what is pending in up to three orders of the groups, and gives the best: those with the least choice first;
 * then those that found no room before all others; then by their worth. Afterwards the seating is as it was.
 */
export function bestAttempt(pending: Pending, seating: Seating): Attempt {
  const byChoice = withSlack(pending.groups, seating);
  let best = attempt({ ...pending, groups: byChoice }, seating);
  takeOff(best.seats, seating);
  if (best.refused.length === 0 || pending.groups.length < 2) return best;
  const refused = new Set(best.refused.map(({ shape }) => shape.key));
  const found = byChoice.filter((group) => !refused.has(keyOf(group)));
  const byWorth = byChoice.toSorted((a, b) => worth(a) - worth(b));
  const lost = byWorth.filter((group) => refused.has(keyOf(group)));
  for (const groups of [[...lost, ...found], byWorth]) {
    const next = attempt({ ...pending, groups }, seating);
    takeOff(next.seats, seating);
    if (isBetter(next.refused, best.refused)) best = next;
  }
  return best;
}

/**
 * Places what is pending in this order, and leaves it so. Neighbours that came later may have drawn what was refused, or
 * evened out their places, so that is tried again while anything comes of it.
 */
export function attempt({ pinned, groups, last }: Pending, seating: Seating): Attempt {
  const seats: Seat[] = [];
  const go = (group: readonly Wanted[]): readonly Wanted[] => {
    const filled = group[0]?.node === undefined ? fill(group, seating) : pinAll(group, seating);
    for (const seat of filled.seats) seats.push(seat);
    return filled.refused;
  };
  let refused = [pinned, ...groups, last].map(go);
  let before: number;
  do {
    before = seats.length;
    refused = refused.map((group) => {
      const heeding = group.filter(heedsNeighbours);
      return heeding.length === 0
        ? group
        : [...group.filter((each) => !heedsNeighbours(each)), ...go(heeding)];
    });
  } while (seats.length > before);
  return { seats, refused: refused.flat(), order: groups };
}

function pinAll(group: readonly Wanted[], seating: Seating): Filled {
  const seats: Seat[] = [];
  const refused: Wanted[] = [];
  for (const wanted of group) {
    const { shape } = wanted;
    const node = seating.named(wanted.node ?? '');
    const isOpen =
      node !== undefined &&
      obstacles(shape, node, seating, spreadCounts(shape, seating)).next().done === true;
    if (isOpen) seats.push(...seatWhole(wanted, node, seating));
    else refused.push(wanted);
  }
  return { seats, refused };
}

function heedsNeighbours({ shape }: Wanted): boolean {
  return shape.affinity.length + shape.spread.length > 0;
}

/** Takes containers off again, the last one first. */
export function takeOff(seats: readonly Seat[], seating: Seating): void {
  for (const seat of seats.toReversed()) seating.unseat(seat);
}

/** The groups with the fewest nodes to spare first. */
function withSlack(groups: Pending['groups'], seating: Seating): Pending['groups'] {
  const slack = new Map(
    groups.map((group) => {
      const shape = group[0]?.shape;
      if (shape === undefined) return [group, 0];
      const open = cellsOf(shape, seating)
        .flatMap(({ nodes }) => nodes)
        .filter((node) => roomObstacles(shape, node, seating).next().done);
      return [group, open.length - group.length];
    }),
  );
  return groups.toSorted(
    (a, b) =>
      (slack.get(a) ?? 0) - (slack.get(b) ?? 0) || worth(a) - worth(b) || compareText(keyOf(a), keyOf(b)),
  );
}

/** Fewer containers of the most worth without a node, or as many and fewer of the next. */
function isBetter(one: readonly Wanted[], other: readonly Wanted[]): boolean {
  for (const mode of MODES_BY_WORTH) {
    const difference = ofMode(one, mode) - ofMode(other, mode);
    if (difference !== 0) return difference < 0;
  }
  return one.length < other.length;
}

function ofMode(containers: readonly Wanted[], mode: string): number {
  return containers.filter(({ shape }) => shape.mode === mode).length;
}

function worth(group: readonly Wanted[]): number {
  const at = MODES_BY_WORTH.indexOf(group[0]?.shape.mode ?? '');
  return at === -1 ? MODES_BY_WORTH.length : at;
}

function keyOf(group: readonly Wanted[]): string {
  return group[0]?.shape.key ?? '';
}
