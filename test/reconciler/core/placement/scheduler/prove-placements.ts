import { place, type Seated } from '../../../../../reconciler/core/placement/place.ts';
import type { Seat } from '../../../../../reconciler/core/placement/seating.ts';
import { wantedKey } from '../../../../../reconciler/core/placement/wanted.ts';
import { podsOfSeat } from './generate-cluster.ts';
import type { Proof } from './proof.ts';
import { onlyOn } from './random-nodes.ts';
import type { Verdict } from './verdicts.ts';

/** Has the scheduler bind every new container to its node. They stay there. */
export async function provePlacements(proof: Proof, { seats, stay }: Seated): Promise<void> {
  stays(proof);
  proof.add({ kept: stay.size });
  const added = seats.filter(({ wanted }) => !stay.has(wantedKey(wanted)));
  await oneAfterAnother(added, proof);
  await allAtOnce(added, proof);
}

/** Whether all that runs is said to stay where it is. */
function stays(proof: Proof): void {
  const { input } = proof.cluster;
  const running = new Map(input.holdings.map((each) => [wantedKey(each), each.node]));
  for (const { namespace, name, how, allocation } of place(input).placements) {
    const node = running.get(wantedKey({ namespace, name }));
    const expected = node === undefined ? 'new' : 'kept';
    if (how !== expected) proof.fault(`${name} is said to be ${how}, and is ${expected}`);
    if (node !== undefined && node !== allocation.node)
      proof.fault(`${name} was moved from ${node} to ${allocation.node}`);
  }
}

/**
 * Each in the order of placement, with all nodes open to it that placement had: only a resource holds it to its node, so
 * that the scheduler counts places and looks for neighbours just as it would without. They are gone afterwards.
 */
async function oneAfterAnother(seats: readonly Seat[], proof: Proof): Promise<void> {
  const { cluster, plane } = proof;
  const keys: string[] = [];
  for (const seat of seats) {
    const { namespace, name } = seat.wanted;
    const index = cluster.nodes.findIndex(({ metadata }) => metadata.name === seat.node.name);
    const choice = { namespace, name: `${name}-held`, besides: { [onlyOn(index)]: '1' } };
    for (const pod of podsOfSeat(seat, cluster.id, choice)) {
      const key = await plane.addPod(pod);
      keys.push(key);
      judge(await plane.verdicts.first(key), seat, 'one after another', proof);
    }
  }
  await Promise.all(keys.map((key) => plane.removePod(key)));
}

/** All as they are really made, pinned and in the order of their names. */
async function allAtOnce(seats: readonly Seat[], proof: Proof): Promise<void> {
  const made: (readonly [key: string, Seat])[] = [];
  for (const seat of seats.toSorted((a, b) => (wantedKey(a.wanted) < wantedKey(b.wanted) ? -1 : 1))) {
    const { namespace, name } = seat.wanted;
    const hostname = seat.node.labels['kubernetes.io/hostname'] ?? '';
    for (const pod of podsOfSeat(seat, proof.cluster.id, { namespace, name: `${name}-pinned`, hostname })) {
      made.push([await proof.plane.addPod(pod), seat]);
    }
  }
  const before = proof.faults.length;
  await Promise.all(
    made.map(async ([key, seat]) => judge(await proof.bound(key), seat, 'all at once', proof)),
  );
  if (proof.faults.length === before) proof.add({ placed: seats.length });
}

function judge(verdict: Verdict, { wanted, node }: Seat, how: string, proof: Proof): void {
  if ('refused' in verdict) {
    const said = `and the scheduler says (${how}): ${verdict.refused}`;
    proof.fault(`${wanted.name} was placed on ${node.name}, ${said}`);
  } else if (verdict.node !== node.name) {
    proof.fault(`${wanted.name} was placed on ${node.name}, and bound to ${verdict.node} (${how})`);
  }
}
