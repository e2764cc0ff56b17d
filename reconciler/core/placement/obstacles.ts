import { repellent } from '../facts/node-match.ts';
import { timesIn } from '../facts/resources.ts';
import { HOSTNAME } from '../kube/hostname.ts';
import { isNear } from './choose-drives.ts';
import { choosePorts, type ClusterSpace } from './choose-ports.ts';
import { needTogether, podsTogether, shortage } from './needs.ts';
import { matchesTerms } from './node-terms.ts';
import type { NodeSeats } from './node-seats.ts';
import { placeOf, podsAt } from './pod-index.ts';
import type { Reason } from './reason.ts';
import { type Seating, taintFor } from './seating.ts';
import type { SpreadCount } from './spread-counts.ts';
import type { Shape } from './wanted.ts';

/** Everything that keeps a container of a shape off a node, the most telling first. */
export function* obstacles(
  shape: Shape,
  node: NodeSeats,
  seating: Seating,
  counts: readonly SpreadCount[],
): Generator<Reason> {
  yield* fixedObstacles(shape, node, taintFor(shape, node));
  yield* roomObstacles(shape, node, seating);
  yield* neighbourObstacles(shape, node, seating, counts);
}

/** What keeps a shape off a node however much room there is. */
export function* fixedObstacles(
  shape: Shape,
  { facts, labels }: NodeSeats,
  taint: ReturnType<typeof taintFor>,
): Generator<Reason> {
  // Every pod of WEKA asks for Linux and is pinned by the hostname: nothing gets onto a node that says neither.
  const needed = {
    'kubernetes.io/os': 'linux',
    ...(labels[HOSTNAME] === undefined && { [HOSTNAME]: facts.name }),
    ...shape.nodeSelector,
  };
  const missing = Object.entries(needed).filter(([label, value]) => labels[label] !== value);
  if (missing.length > 0) yield { kind: 'labels', missing: Object.fromEntries(missing) };
  if (shape.nodeTerms.length > 0 && !matchesTerms(facts, shape.nodeTerms)) yield { kind: 'node-affinity' };
  if (facts.obstacle !== undefined) yield { kind: 'out-of-service', why: facts.obstacle };
  if (taint !== undefined) {
    // Each is told, since a toleration of one alone would not help.
    for (const each of facts.taints) {
      if (repellent({ ...facts, taints: [each] }, shape.tolerations)) yield { kind: 'taint', taint: each };
    }
  }
  const label = shape.spread.find(({ topologyKey }) => labels[topologyKey] === undefined)?.topologyKey;
  if (label !== undefined) yield { kind: 'no-spread-label', label };
}

/** What keeps a shape off a node as it is filled now. More containers elsewhere never lift any of these. */
export function* roomObstacles(shape: Shape, node: NodeSeats, seating: Seating): Generator<Reason> {
  const morePods = podsTogether(shape, node) - node.freePods;
  if (morePods > 0) yield { kind: 'pods', most: node.maxPods, lacking: morePods };
  const drives = driveObstacle(shape, node);
  const need = needTogether(shape, node);
  // Of drives it is said by name what is wrong, if anything is.
  const counted = drives === undefined ? need : { ...need, drives: 0 };
  if (timesIn(counted, node.free) < 1) yield { kind: 'lacks', lacking: shortage(counted, node.free) };
  if (drives !== undefined) yield drives;
  for (const id of shape.cores.ids) {
    const by = node.coreOwners.get(id);
    if (by === undefined) continue;
    yield { kind: 'cores', ids: shape.cores.ids.filter((each) => node.coreOwners.has(each)), by };
    break;
  }
  if (!hasPorts(shape, node, seating)) yield { kind: 'ports' };
  yield* repelObstacles(shape, node, seating);
}

/** Who keeps a shape, or what always stands beside it, off the place of a node, or must not be near it. */
export function* repelObstacles(shape: Shape, node: NodeSeats, seating: Seating): Generator<Reason> {
  const { repelledBy } = seating.terms(shape);
  for (const term of repelledBy) {
    const [by] = podsAt(term, 'spokenOf', node);
    if (by === undefined) continue;
    yield { kind: 'repelled', by, label: term.topologyKey ?? '' };
    return;
  }
  for (const each of [shape, ...shape.companions]) {
    for (const term of seating.index.speakingOf(each)) {
      const [by] = podsAt(term, 'holders', node);
      if (by === undefined) continue;
      yield { kind: 'repelled', by, label: term.topologyKey ?? '' };
      return;
    }
  }
}

function driveObstacle({ drives }: Shape, node: NodeSeats): Reason | undefined {
  if (drives === undefined) return undefined;
  if (node.drives === undefined) {
    // That it has none at all is told by what it lacks.
    return node.facts.allocatable.drives > 0 ? { kind: 'unknown-drives', because: 'unreported' } : undefined;
  }
  if (node.unnamedDrives !== undefined)
    return { kind: 'unknown-drives', because: { pod: node.unnamedDrives } };
  const { count, numa } = drives;
  const free = node.freeDrives().filter((drive) => isNear(drive, numa)).length;
  if (free >= count) return undefined;
  return { kind: 'drives', free, needed: count, ...(numa !== undefined && { numa }) };
}

function hasPorts(shape: Shape, node: NodeSeats, seating: Seating): boolean {
  if (shape.hostPorts?.some((port) => node.portOwner(port, port) !== undefined) === true) return false;
  const ranges = allRanges(seating);
  // Companions take single ports only, which do not meet those of the container.
  return [shape, ...shape.companions].every(
    (each) => choosePorts(each.ports, node, seating.spaces.get(each.owner), ranges) !== undefined,
  );
}

const known = new WeakMap<Seating, readonly ClusterSpace['space'][]>();

/** The ranges of all clusters. */
export function allRanges(seating: Seating): readonly ClusterSpace['space'][] {
  const found = known.get(seating) ?? [...seating.spaces.values()].map(({ space }) => space);
  known.set(seating, found);
  return found;
}

/** What pods elsewhere keep a shape off a node by, and others elsewhere may lift. */
export function* neighbourObstacles(
  shape: Shape,
  node: NodeSeats,
  seating: Seating,
  counts: readonly SpreadCount[],
): Generator<Reason> {
  const { drawnTo, drawnToItself } = seating.terms(shape);
  const away = drawnTo.find((term) => podsAt(term, 'spokenOf', node).size === 0);
  if (away !== undefined) {
    const first =
      drawnToItself && drawnTo.every((term) => isEmpty(term.spokenOf) && placeOf(term, node) !== undefined);
    if (!first) yield { kind: 'not-drawn', label: away.topologyKey ?? '' };
  }
  for (const count of counts) {
    const { topologyKey: label, maxSkew } = count.constraint;
    const place = node.labels[label];
    if (place !== undefined && !count.allows(place, count.least())) {
      yield { kind: 'spread', label, place, pods: count.at(place), maxSkew };
    }
  }
}

function isEmpty(places: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  for (const pods of places.values()) if (pods.size > 0) return false;
  return true;
}
