import type { PodFacts } from '../facts/pod-facts.ts';
import type { Resources } from '../facts/resources.ts';
import type { Holding, Ports } from './allocation.ts';
import { chooseDrives } from './choose-drives.ts';
import { choosePorts } from './choose-ports.ts';
import type { DriveFacts } from './input.ts';
import { needOf, shortage } from './needs.ts';
import type { NodeSeats } from './node-seats.ts';
import { allRanges } from './obstacles.ts';
import { addPods } from './pods-on-nodes.ts';
import { claimPorts, type Seating } from './seating.ts';
import { type Wanted, wantedKey } from './wanted.ts';

/** A container that stays on its node, and what it still has there. */
export interface Kept {
  readonly wanted: Wanted;
  readonly node: NodeSeats;
  readonly drives: readonly string[];
  /** Undefined where its ports are not known, or are another's too. */
  readonly ports: Ports | undefined;
}

export interface KeptShort {
  readonly wanted: Wanted;
  readonly node: NodeSeats;
  readonly lacking: Resources;
  readonly missingDrives: number;
  readonly missingPorts: boolean;
}

/**
 * Every container whose node is still there, whatever has become of the node otherwise, with what it has there. All of
 * that is claimed before anything is chosen anew.
 */
export function hold(
  wanted: readonly Wanted[],
  holdings: ReadonlyMap<string, Holding>,
  seating: Seating,
): readonly Kept[] {
  const kept: Kept[] = [];
  for (const host of wanted) {
    const first = holdOne(host, undefined, holdings, seating);
    if (first === undefined) continue;
    kept.push(first);
    for (const companion of host.companions) {
      const beside = holdOne(companion, first.node, holdings, seating);
      if (beside !== undefined) kept.push(beside);
    }
  }
  return kept;
}

function holdOne(
  wanted: Wanted,
  beside: NodeSeats | undefined,
  holdings: ReadonlyMap<string, Holding>,
  seating: Seating,
): Kept | undefined {
  const key = wantedKey(wanted);
  const holding = holdings.get(key);
  const node = seating.byName.get(holding?.node ?? '');
  if (holding === undefined || holding.returns === true) return undefined;
  if (node === undefined || (beside !== undefined && node !== beside)) return undefined;
  if (wanted.node !== undefined && seating.named(wanted.node) !== node) return undefined;
  const { allocation } = holding;
  const drives = (allocation?.drives ?? [])
    .slice(0, wanted.shape.drives?.count ?? 0)
    .filter((serial) => node.drives?.has(serial) !== false && !node.driveOwners.has(serial));
  for (const serial of drives) node.driveOwners.set(serial, key);
  if (allocation === undefined && wanted.shape.drives !== undefined) node.unnamedDrives ??= key;
  const ports = allocation && isFree(allocation.ports, node) ? allocation.ports : undefined;
  if (ports !== undefined) claimPorts(node, key, ports);
  return { wanted, node, drives, ports };
}

function isFree({ base, count = 1, agent, singles = {} }: Ports, node: NodeSeats): boolean {
  const single = [agent, ...Object.values(singles)].every(
    (port) => port === undefined || node.portOwner(port, port) === undefined,
  );
  return single && (base === undefined || node.portOwner(base, base + count - 1) === undefined);
}

/**
 * Seats those containers and says what is missing there. A drive that is gone or blocked is replaced by a free one; a
 * container that has lost all of them, and finds none, is not seated and may move.
 */
export function seatKept(
  kept: readonly Kept[],
  running: ReadonlyMap<string, PodFacts>,
  seating: Seating,
): readonly KeptShort[] {
  return kept.flatMap((each) => complete(each, running.get(wantedKey(each.wanted)), seating));
}

function complete(
  { wanted, node, drives, ports }: Kept,
  pod: PodFacts | undefined,
  seating: Seating,
): readonly KeptShort[] {
  const { shape } = wanted;
  const count = shape.drives?.count ?? 0;
  const wantsMore = count - drives.length;
  const unknown = node.drives === undefined || node.unnamedDrives !== undefined;
  const added = wantsMore > 0 ? more(node, drives, { ...shape.drives, count: wantsMore }) : [];
  if (count > 0 && !unknown && drives.length + added.length === 0) {
    if (pod !== undefined) addPods([pod], () => false, seating);
    return [];
  }
  const given = ports ?? choosePorts(shape.ports, node, seating.spaces.get(shape.owner), allRanges(seating));
  if (ports !== undefined) node.releasePorts(wantedKey(wanted));
  const need = needOf(shape, node, pod?.requests);
  const short = shortage(need, node.free);
  seating.seat(wanted, node, { drives: [...drives, ...added], ports: given ?? {} }, pod?.requests);
  const missingDrives = unknown ? 0 : count - drives.length - added.length;
  const isWhole = Object.values(short).every((amount) => amount === 0);
  if (isWhole && missingDrives === 0 && given !== undefined) return [];
  return [
    { wanted, node, lacking: { ...short, drives: 0 }, missingDrives, missingPorts: given === undefined },
  ];
}

/** As many free drives as there are, up to what is wanted. */
function more(
  node: NodeSeats,
  has: readonly string[],
  { count, numa }: { readonly count: number; readonly numa?: number },
): readonly string[] {
  const known = has.map((serial): DriveFacts => node.drives?.get(serial) ?? { serial });
  for (let some = count; some > 0; some--) {
    const found = chooseDrives(
      node.freeDrives(),
      { count: some, ...(numa !== undefined && { numa }) },
      known,
    );
    if (found !== undefined) return found;
  }
  return [];
}
