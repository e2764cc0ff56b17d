import type { PodFacts } from '../facts/pod-facts.ts';
import type { Allocation, Holding, PortSpace } from './allocation.ts';
import { type Attempt, attempt, bestAttempt, type Pending, takeOff } from './attempt.ts';
import { compareText } from './compare-text.ts';
import type { PlacementInput } from './input.ts';
import { giveBack, type WhyLeft } from './give-back.ts';
import { hold, type KeptShort, seatKept } from './keep.ts';
import { addLeaving, addPods, announcePods, runningPods } from './pods-on-nodes.ts';
import { portRanges } from './port-ranges.ts';
import { explainRefusals } from './refusals.ts';
import type { Placement, PlacementResult, Shortfall } from './result.ts';
import { type Seat, Seating } from './seating.ts';
import { eachOnce } from './sorted.ts';
import { type Wanted, wantedKey } from './wanted.ts';

/**
 * Which node hosts which container, with which drives, ports and cores. Nothing moves while its node and its drives are
 * there, and the same input gives the same answer in whatever order its lists are. Every placement is one that the
 * scheduler would accept beside all others and beside the pods that run; what is refused says why.
 */
export function place(input: PlacementInput): PlacementResult {
  const { seats, stay, byName, left, shortfalls, final, seating } = seatAll(input);
  const placements = seats.map((seat) => placement(seat, { stay, byName, left, seating }));
  return {
    placements: placements.toSorted((a, b) => compareText(wantedKey(a), wantedKey(b))),
    refusals: explainRefusals(final, seating, () => takeOff(final.seats, seating)),
    shortfalls: shortfalls.map(shortfall),
  };
}

/** All containers on their nodes. */
export interface Seated {
  /** First those that stay, and the others in the order in which the scheduler can take them one by one. */
  readonly seats: readonly Seat[];
  /** Those that stay, by `wantedKey`. */
  readonly stay: ReadonlySet<string>;
  readonly byName: ReadonlyMap<string, Holding>;
  /** Why containers whose pods are gone do not go back where they were. */
  readonly left: ReadonlyMap<string, WhyLeft>;
  readonly shortfalls: readonly KeptShort[];
  readonly final: Attempt;
  readonly seating: Seating;
}

/** Puts all containers on nodes, as far as there is room. */
export function seatAll(input: PlacementInput): Seated {
  const pods = eachOnce(input.pods, wantedKey);
  const holdings = eachOnce(input.holdings, wantedKey);
  // Manifests that ask for a container of one name get one: which of them is wrong is told elsewhere.
  const wanted = eachOnce(input.wants.containers, wantedKey);
  const ranges = eachOnce(input.wants.ranges, ({ owner }) => owner);
  const byName = new Map(holdings.map((holding) => [wantedKey(holding), holding]));

  const spaces = portRanges(ranges, heldSpaces(holdings), hostPorts(pods), input.firstPort);
  const seating = new Seating(input, spaces);
  for (const host of wanted) for (const each of [host, ...host.companions]) seating.terms(each.shape);
  announcePods(pods, seating);

  const kept = hold(wanted, byName, seating);
  const keptOn = new Map(kept.map((each) => [wantedKey(each.wanted), each.node.name]));
  const isKept = (key: string, node: string) => keptOn.get(key) === node;
  addPods(pods, isKept, seating);
  addLeaving(holdings, pods, isKept, seating);
  const shortfalls = seatKept(kept, runningPods(pods), seating);
  const left = giveBack(wanted, byName, seating);
  const stay = new Set(seating.seats.keys());

  const pending = pendingOf(wanted, seating);
  for (const { node } of pending.last) {
    const its = seating.named(node ?? '');
    // Others stay away from it as far as they can.
    if (its !== undefined) its.load += 1;
  }
  const best = bestAttempt(pending, seating);
  const final = attempt({ ...pending, groups: best.order }, seating);
  return { seats: [...seating.seats.values()], stay, byName, left, shortfalls, final, seating };
}

function pendingOf(wanted: readonly Wanted[], seating: Seating): Pending {
  const open = wanted.filter((each) => !seating.seats.has(wantedKey(each)));
  const beside = wanted.flatMap((host) => {
    const node = seating.seats.get(wantedKey(host))?.node.name;
    if (node === undefined) return [];
    return host.companions
      .filter((each) => !seating.seats.has(wantedKey(each)))
      .map((each) => ({ ...each, node }));
  });
  const pinned = open.filter(({ node }) => node !== undefined);
  const isClient = ({ shape }: Wanted) => shape.mode === 'client';
  const free = open.filter(({ node }) => node === undefined);
  return {
    pinned: pinned.filter((each) => !isClient(each)),
    groups: [...Map.groupBy(free, ({ shape }) => shape.key).values()].map(byOrdinal),
    last: [...beside, ...pinned.filter(isClient)],
  };
}

/** `demo-drive-2` before `demo-drive-10`. */
function byOrdinal(group: readonly Wanted[]): readonly Wanted[] {
  return group.toSorted((a, b) => a.name.length - b.name.length || compareText(a.name, b.name));
}

function heldSpaces(holdings: readonly Holding[]): ReadonlyMap<string, PortSpace> {
  const spaces = new Map<string, PortSpace>();
  for (const { owner, allocation } of holdings) {
    if (owner === undefined || allocation?.range === undefined || spaces.has(owner)) continue;
    spaces.set(owner, allocation.range);
  }
  return spaces;
}

/** Ports that pods other than WEKA's have on their nodes. */
function hostPorts(pods: readonly PodFacts[]): ReadonlySet<number> {
  const others = pods.filter(({ ended, labels }) => !ended && labels['weka.io/mode'] === undefined);
  return new Set(others.flatMap((pod) => pod.hostPorts));
}

function placement(
  { wanted, node, drives, ports }: Seat,
  { stay, byName, left, seating }: Pick<Seated, 'stay' | 'byName' | 'left' | 'seating'>,
): Placement {
  const { namespace, name, shape } = wanted;
  const { owner, mode, cores } = shape;
  const key = wantedKey(wanted);
  const held = byName.get(key);
  const why = left.get(key);
  const range = shape.ports.kind === 'cluster' ? seating.spaces.get(owner)?.space : undefined;
  const values = shape.failureDomain.map((label) => node.labels[label] ?? '');
  // It counts when a container is made, and a label that changes later does not change it.
  const failureDomain = (stay.has(key) ? held?.allocation?.failureDomain : undefined) ?? values.join('-');
  const allocation: Allocation = {
    node: node.name,
    drives,
    ports,
    ...(range !== undefined && { range }),
    ...(failureDomain !== '' && { failureDomain }),
  };
  const how = stay.has(key) ? 'kept' : held === undefined ? 'new' : 'moved';
  const from = held !== undefined && why !== undefined ? { from: { node: held.node, why } } : {};
  return { namespace, name, owner, mode, allocation, cores, how, ...from };
}

function shortfall({ wanted, node, ...rest }: KeptShort): Shortfall {
  const { namespace, name, shape } = wanted;
  return { namespace, name, owner: shape.owner, mode: shape.mode, node: node.name, ...rest };
}
