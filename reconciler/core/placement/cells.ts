import type { NodeSeats } from './node-seats.ts';
import { fixedObstacles } from './obstacles.ts';
import { type Seating, taintFor } from './seating.ts';
import type { Shape } from './wanted.ts';

/** Nodes that a shape can be on, and that are in one place for every label it spreads over. */
export interface Cell {
  /** For each constraint. */
  readonly places: readonly string[];
  readonly softPlace: string;
  readonly nodes: readonly NodeSeats[];
}

const known = new WeakMap<Seating, Map<string, readonly Cell[]>>();

/** All nodes that nothing but a lack of room keeps a shape off, by place; worked out once, since room does not matter. */
export function cellsOf(shape: Shape, seating: Seating): readonly Cell[] {
  const byShape = known.get(seating) ?? new Map<string, readonly Cell[]>();
  known.set(seating, byShape);
  const cells = byShape.get(shape.key) ?? group(shape, seating);
  byShape.set(shape.key, cells);
  return cells;
}

function group(shape: Shape, seating: Seating): readonly Cell[] {
  const cells = new Map<string, Cell & { readonly nodes: NodeSeats[] }>();
  for (const node of seating.nodes) {
    if (!fixedObstacles(shape, node, taintFor(shape, node)).next().done) continue;
    const places = shape.spread.map(({ topologyKey }) => node.labels[topologyKey] ?? '');
    const softPlace = softPlaceOf(shape, node);
    const key = JSON.stringify([places, softPlace]);
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { places, softPlace, nodes: [node] });
    else cell.nodes.push(node);
  }
  return [...cells.values()];
}

/** The place of a node among those that a shape spreads over as far as it can. */
export function softPlaceOf({ softSpread }: Shape, node: NodeSeats): string {
  return softSpread.length === 0 ? '' : JSON.stringify(softSpread.map((label) => node.labels[label] ?? ''));
}
