import { type Attempt, attempt, takeOff } from './attempt.ts';
import { compareText } from './compare-text.ts';
import { fill } from './fill.ts';

import type { NodeSeats } from './node-seats.ts';
import { obstacles } from './obstacles.ts';
import type { Reason } from './reason.ts';
import type { Refusal } from './result.ts';
import type { Seating } from './seating.ts';
import { smallestChange } from './smallest-change.ts';
import { type SpreadCount, spreadCounts } from './spread-counts.ts';
import { type Wanted, wantedKey } from './wanted.ts';

/** A node, and all that keeps a container off it. */
export interface Barred {
  readonly node: NodeSeats;
  readonly reasons: readonly [Reason, ...Reason[]];
}

type Explained = Pick<Refusal, 'why' | 'change'>;

/**
 * Why what was refused stands nowhere, while all that was placed with it is seated. `clear` takes that off, to find out
 * whether there would be room without it.
 */
export function explainRefusals(final: Attempt, seating: Seating, clear: () => void): readonly Refusal[] {
  const known = new Map<string, Explained>();
  const explained = final.refused.map((wanted) => {
    const key = wanted.node === undefined ? wanted.shape.key : wantedKey(wanted);
    const why = known.get(key) ?? explain(wanted, seating);
    known.set(key, why);
    return { wanted, why };
  });
  const placed = new Map(final.seats.map((seat) => [wantedKey(seat.wanted), seat]));
  clear();
  const takers = new Map<string, readonly string[]>();
  return explained
    .flatMap(({ wanted, why }) => {
      const key = wanted.node === undefined ? wanted.shape.key : wantedKey(wanted);
      const takenBy = takers.get(key) ?? takersOf(wanted, final, placed, seating);
      takers.set(key, takenBy);
      return [
        refusal(wanted, { ...why, takenBy }),
        ...wanted.companions.map((each) =>
          refusal(each, { why: { kind: 'no-host', host: wanted.name }, change: {}, takenBy: [] }),
        ),
      ];
    })
    .toSorted((a, b) => compareText(wantedKey(a), wantedKey(b)));
}

function refusal(
  { namespace, name, shape }: Wanted,
  rest: Pick<Refusal, 'why' | 'change' | 'takenBy'>,
): Refusal {
  return { namespace, name, owner: shape.owner, mode: shape.mode, ...rest };
}

function explain(wanted: Wanted, seating: Seating): Explained {
  const { shape } = wanted;
  if (shape.ports.kind === 'cluster' && !seating.spaces.has(shape.owner)) {
    return { why: { kind: 'no-port-range' }, change: {} };
  }
  const counts = spreadCounts(shape, seating);
  const pinned = wanted.node === undefined ? undefined : seating.named(wanted.node);
  if (wanted.node !== undefined && pinned === undefined) {
    return { why: { kind: 'no-node', node: wanted.node }, change: {} };
  }
  const nodes = pinned === undefined ? seating.nodes : [pinned];
  const barred = nodes.flatMap((node) => barredBy(wanted, node, seating, counts));
  const why = {
    kind: 'nodes',
    nodes: barred.map(({ node, reasons }) => ({ node: node.name, reason: reasons[0] })),
  } as const;
  return { why, change: smallestChange(wanted, barred, counts) };
}

function barredBy(
  wanted: Wanted,
  node: NodeSeats,
  seating: Seating,
  counts: readonly SpreadCount[],
): readonly Barred[] {
  const [first, ...others] = obstacles(wanted.shape, node, seating, counts);
  return first === undefined ? [] : [{ node, reasons: [first, ...others] }];
}

/**
 * Containers of other shapes that have the room which this one would take if it came first: those on the nodes that its
 * kind would then have. Empty where all of its kind do not fit even then.
 */
function takersOf(
  wanted: Wanted,
  final: Attempt,
  placed: ReadonlyMap<string, Attempt['seats'][number]>,
  seating: Seating,
): readonly string[] {
  const kind = [...placed.values()].filter(({ wanted: each }) => each.shape.key === wanted.shape.key);
  const refused = final.refused.filter(({ shape }) => shape.key === wanted.shape.key);
  const all = wanted.node === undefined ? [...kind.map((seat) => seat.wanted), ...refused] : [wanted];
  const alone =
    wanted.node === undefined
      ? fill(all, seating)
      : attempt({ pinned: [wanted], groups: [], last: [] }, seating);
  takeOff(alone.seats, seating);
  if (alone.refused.length >= refused.length && wanted.node === undefined) return [];
  if (wanted.node !== undefined && alone.refused.length > 0) return [];
  const had = new Set(kind.map(({ node }) => node));
  const would = new Set(alone.seats.map(({ node }) => node).filter((node) => !had.has(node)));
  const names = [...placed.values()]
    .filter(({ node, wanted: each }) => would.has(node) && each.shape.key !== wanted.shape.key)
    .map((seat) => wantedKey(seat.wanted));
  return names.toSorted(compareText);
}
