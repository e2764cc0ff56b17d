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
type Alone = Pick<Refusal, 'takenBy' | 'proved'>;

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
  clear();
  const withoutOthers = new Map<string, Alone>();
  return explained
    .flatMap(({ wanted, why }) => {
      const key = wanted.node === undefined ? wanted.shape.key : wantedKey(wanted);
      const alone = withoutOthers.get(key) ?? tryAlone(wanted, final, seating);
      withoutOthers.set(key, alone);
      const noHost = { kind: 'no-host', host: wanted.name } as const;
      return [
        refusal(wanted, { ...why, ...alone }),
        ...wanted.companions.map((each) => refusal(each, { why: noHost, change: {}, ...alone, takenBy: [] })),
      ];
    })
    .toSorted((a, b) => compareText(wantedKey(a), wantedKey(b)));
}

function refusal({ namespace, name, shape }: Wanted, rest: Explained & Alone): Refusal {
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
  return { why, change: smallestChange(wanted, barred, counts, seating) };
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
 * What becomes of a container, and all of its kind, where nothing else is placed with it: whether more of them fit, and
 * which containers stand on the nodes that they would then have.
 */
function tryAlone(wanted: Wanted, final: Attempt, seating: Seating): Alone {
  const { shape, node } = wanted;
  const isKind = (each: Wanted) =>
    node === undefined ? each.shape.key === shape.key : wantedKey(each) === wantedKey(wanted);
  const kind = final.seats.filter((seat) => isKind(seat.wanted));
  const refused = final.refused.filter(isKind);
  const all = [...kind.map((seat) => seat.wanted), ...refused];
  const alone =
    node === undefined ? fill(all, seating) : attempt({ pinned: all, groups: [], last: [] }, seating);
  takeOff(alone.seats, seating);
  // One after another is the best way for containers that are alike, unless several constraints pull at them.
  const isSimple = shape.spread.length <= 1 && shape.affinity.length === 0;
  if (alone.refused.length >= refused.length) return { takenBy: [], proved: isSimple };
  const had = Map.groupBy(kind, (seat) => seat.node);
  const would = Map.groupBy(
    alone.seats.filter((seat) => isKind(seat.wanted)),
    (seat) => seat.node,
  );
  const takers = final.seats.filter(
    (seat) => !isKind(seat.wanted) && (would.get(seat.node)?.length ?? 0) > (had.get(seat.node)?.length ?? 0),
  );
  return { takenBy: takers.map((seat) => wantedKey(seat.wanted)).toSorted(compareText), proved: false };
}
