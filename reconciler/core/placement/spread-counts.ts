import { hasLabels, repellent } from '../facts/node-match.ts';
import { isEmpty, selects } from './label-selector.ts';
import { matchesTerms } from './node-terms.ts';
import type { NodeSeats } from './node-seats.ts';
import { podsAt } from './pod-index.ts';
import { type Seating, taintFor } from './seating.ts';
import { troubleTaints } from './trouble-taints.ts';
import type { Shape, Spread } from './wanted.ts';

/** How many pods a constraint counts in each place. */
export class SpreadCount {
  readonly constraint: Spread;
  /** Whether a container of the shape is one more of those that are counted. */
  readonly isOneOfThem: boolean;
  /** An empty selector counts no pod in any place, although the container itself is one more. */
  readonly countsNone: boolean;
  readonly #places = new Map<string, number>();

  constructor(constraint: Spread, shape: Shape) {
    this.constraint = constraint;
    this.isOneOfThem = selects(constraint.selector, shape.labels);
    this.countsNone = constraint.selector !== undefined && isEmpty(constraint.selector);
  }

  /** Pods that the constraint counts are in a place. */
  add(place: string, pods: number): void {
    this.#places.set(place, (this.#places.get(place) ?? 0) + (this.countsNone ? 0 : pods));
  }

  /** A container of the shape has come to a place. */
  addOne(place: string): void {
    if (this.isOneOfThem) this.add(place, 1);
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

  /** Whether one more may stand in a place. */
  allows(place: string, least: number): boolean {
    return this.at(place) + (this.isOneOfThem ? 1 : 0) - least <= this.constraint.maxSkew;
  }
}

/**
 * What the constraints of a shape count now, on the nodes that the scheduler takes into account. `changed` stands in
 * place of the node of its name.
 */
export function spreadCounts(shape: Shape, seating: Seating, changed?: NodeSeats): readonly SpreadCount[] {
  const { counted } = seating.terms(shape);
  const counts = shape.spread.map((constraint) => new SpreadCount(constraint, shape));
  if (counts.length === 0) return counts;
  for (const each of seating.nodes) {
    const node = each.name === changed?.name ? changed : each;
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
  return !heedsTaints || (taintFor(shape, node) === undefined && !isInTrouble(shape, node));
}

/** Whether a node has one of the taints that come with trouble, and that the shape does not tolerate. */
function isInTrouble({ tolerations }: Shape, { facts }: NodeSeats): boolean {
  if (facts.obstacle === undefined) return false;
  return repellent({ ...facts, taints: troubleTaints(facts.obstacle) }, tolerations) !== undefined;
}

/** Whether the node selector and the node affinity of a shape choose a node. */
function isChosen(shape: Shape, { facts }: NodeSeats): boolean {
  return (
    facts.labels['kubernetes.io/os'] === 'linux' &&
    hasLabels(facts, shape.nodeSelector) &&
    (shape.nodeTerms.length === 0 || matchesTerms(facts, shape.nodeTerms))
  );
}
