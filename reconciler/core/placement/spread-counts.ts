import { hasLabels } from '../facts/node-match.ts';
import { compareText } from './compare-text.ts';
import { selects } from './label-selector.ts';
import { matchesTerms } from './node-terms.ts';
import type { NodeSeats } from './node-seats.ts';
import { podsAt } from './pod-index.ts';
import { type Seating, taintFor } from './seating.ts';
import type { Shape, Spread } from './wanted.ts';

/** How many pods a constraint counts in each place. */
export class SpreadCount {
  readonly constraint: Spread;
  /** Whether a container of the shape counts itself. */
  readonly countsItself: boolean;
  readonly #places = new Map<string, number>();

  constructor(constraint: Spread, shape: Shape) {
    this.constraint = constraint;
    this.countsItself = selects(constraint.selector, shape.labels);
  }

  add(place: string, pods: number): void {
    this.#places.set(place, (this.#places.get(place) ?? 0) + pods);
  }

  at(place: string): number {
    return this.#places.get(place) ?? 0;
  }

  /** The fewest that any place has: nothing while there are fewer places than there must be. */
  least(): number {
    if (this.#places.size === 0 || this.#places.size < this.constraint.minDomains) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (const count of this.#places.values()) least = Math.min(least, count);
    return least;
  }

  /** The first place that has the fewest. */
  fewest(): string | undefined {
    const places = [...this.#places].toSorted(([a, some], [b, others]) => some - others || compareText(a, b));
    return places[0]?.[0];
  }

  /** Whether one more may stand in a place. */
  allows(place: string, least: number): boolean {
    return this.at(place) + (this.countsItself ? 1 : 0) - least <= this.constraint.maxSkew;
  }
}

/** What the constraints of a shape count now, on the nodes that the scheduler takes into account. */
export function spreadCounts(shape: Shape, seating: Seating): readonly SpreadCount[] {
  const { counted } = seating.terms(shape);
  const counts = shape.spread.map((constraint) => new SpreadCount(constraint, shape));
  if (counts.length === 0) return counts;
  for (const node of seating.nodes) {
    const places = shape.spread.map(({ topologyKey }) => node.labels[topologyKey]);
    if (places.includes(undefined)) continue;
    for (const [index, count] of counts.entries()) {
      const place = places[index];
      const term = counted[index];
      if (place === undefined || term === undefined || !isCounted(count.constraint, shape, node)) continue;
      count.add(place, podsAt(term, 'spokenOf', node).size);
    }
  }
  return counts;
}

/** Whether the scheduler counts a node for a constraint (NodeInclusionPolicies of topology spread). */
function isCounted({ anyNode, heedsTaints }: Spread, shape: Shape, node: NodeSeats): boolean {
  if (!anyNode && !isChosen(shape, node)) return false;
  return !heedsTaints || taintFor(shape, node) === undefined;
}

/** Whether the node selector and the node affinity of a shape choose a node. */
function isChosen(shape: Shape, { facts }: NodeSeats): boolean {
  return (
    hasLabels(facts, shape.nodeSelector) &&
    (shape.nodeTerms.length === 0 || matchesTerms(facts, shape.nodeTerms))
  );
}
