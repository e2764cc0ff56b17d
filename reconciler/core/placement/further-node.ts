import { nodeFacts } from '../facts/node-facts.ts';
import { plus, type Resources } from '../facts/resources.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import { compareText } from './compare-text.ts';
import type { Labels, LabelRequirement } from './label-selector.ts';
import { NodeSeats } from './node-seats.ts';
import type { NodeTerm } from './node-terms.ts';
import { fixedObstacles, neighbourObstacles, repelObstacles } from './obstacles.ts';
import type { SmallestChange } from './result.ts';
import type { Seating } from './seating.ts';
import type { SpreadCount } from './spread-counts.ts';
import type { Shape } from './wanted.ts';

/** Nodes that are thought up at most before it is said that none would do. */
const MOST_TRIES = 256;

/** Stands for a value that no node has for a label, and can be none itself. */
const OF_ITS_OWN = '*';

/**
 * What a further node has to be for one more container of a shape: its room, its labels, and labels for which it must
 * have a value of its own. Nodes are thought up and looked at just as real ones are; undefined where none would do.
 */
export function furtherNode(
  shape: Shape,
  counts: readonly SpreadCount[],
  seating: Seating,
): SmallestChange['newNode'] {
  for (const labels of candidates(shape, counts, seating)) {
    const node = new NodeSeats(emptyNode(labels));
    const obstacles = [fixedObstacles(shape, node, undefined), repelObstacles(shape, node, seating)];
    const isOpen = [...obstacles, neighbourObstacles(shape, node, seating, counts)].every(
      (each) => each.next().done === true,
    );
    if (!isOpen) continue;
    const newPlaces = Object.keys(labels).filter((label) => labels[label] === OF_ITS_OWN);
    const told = Object.entries(labels).filter(([, value]) => value !== OF_ITS_OWN);
    return {
      labels: Object.fromEntries(told),
      ...(newPlaces.length > 0 && { newPlaces }),
      room: roomFor(shape),
    };
  }
  return undefined;
}

/** What a container and all that stands beside it take of a node without hyper-threading. */
export function roomFor({ requests, companions }: Shape): Resources {
  return companions.reduce((sum, each) => plus(sum, each.requests.plain), requests.plain);
}

/** Labels to try: in the place that has the fewest before all others, where places are compared or looked into. */
function* candidates(shape: Shape, counts: readonly SpreadCount[], seating: Seating): Generator<Labels> {
  const keys = [...shape.spread, ...shape.affinity].map(({ topologyKey }) => topologyKey);
  const terms: readonly NodeTerm[] = shape.nodeTerms.length === 0 ? [{}] : shape.nodeTerms;
  let tries = 0;
  for (const term of terms) {
    const fixed = { ...shape.nodeSelector, ...labelsFor(term, shape.nodeSelector) };
    const open = [...new Set(keys)].filter((key) => key !== HOSTNAME && fixed[key] === undefined);
    for (const places of combinations(open.map((key) => placesOf(key, counts, seating)))) {
      if (++tries > MOST_TRIES) return;
      yield { ...fixed, ...Object.fromEntries(open.map((key, index) => [key, places[index] ?? OF_ITS_OWN])) };
    }
  }
}

/** Values of a label, those first where the fewest containers are counted; and last one that no node has. */
function placesOf(key: string, counts: readonly SpreadCount[], seating: Seating): readonly string[] {
  const values = new Set(seating.nodes.flatMap(({ labels }) => labels[key] ?? []));
  const its = counts.filter(({ constraint }) => constraint.topologyKey === key);
  const at = (place: string) => its.reduce((sum, count) => sum + count.at(place), 0);
  return [...[...values].toSorted((a, b) => at(a) - at(b) || compareText(a, b)), OF_ITS_OWN];
}

function* combinations(lists: readonly (readonly string[])[]): Generator<readonly string[]> {
  const [first, ...rest] = lists;
  if (first === undefined) yield [];
  else for (const value of first) for (const others of combinations(rest)) yield [value, ...others];
}

/** Labels by which a term of node affinity holds, as far as labels can do that. */
function labelsFor({ matchExpressions = [] }: NodeTerm, has: Labels): Labels {
  return Object.fromEntries(
    matchExpressions.flatMap((requirement) => {
      const value = valueFor(requirement);
      return value === undefined || has[requirement.key] !== undefined ? [] : [[requirement.key, value]];
    }),
  );
}

function valueFor({ operator, values = [] }: LabelRequirement): string | undefined {
  const [value = ''] = values;
  switch (operator) {
    case 'In':
      return value;
    case 'Exists':
      return 'true';
    case 'Gt':
      return String(Number(value) + 1);
    case 'Lt':
      return String(Number(value) - 1);
    default:
      return undefined;
  }
}

function emptyNode(labels: Labels): NodeSeats['facts'] {
  const given = { 'kubernetes.io/os': 'linux', [HOSTNAME]: OF_ITS_OWN, ...labels };
  const status = { conditions: [{ type: 'Ready', status: 'True' }] };
  return nodeFacts({ metadata: { name: OF_ITS_OWN, labels: given }, status });
}
