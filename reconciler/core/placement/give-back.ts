import type { Holding } from './allocation.ts';
import { seatWhole } from './fill.ts';
import { obstacles } from './obstacles.ts';
import type { Reason } from './reason.ts';
import type { Seating } from './seating.ts';
import { spreadCounts } from './spread-counts.ts';
import { type Wanted, wantedKey } from './wanted.ts';

/** Why a container does not go back to the node that it had. */
export type WhyLeft = Reason | { readonly kind: 'gone' } | { readonly kind: 'named-another' };

/**
 * Seats containers whose pods are gone where they were, as far as their nodes take them, and says why each of the others
 * does not go back. One that comes back may draw the next, so they are tried again while any does.
 */
export function giveBack(
  wanted: readonly Wanted[],
  holdings: ReadonlyMap<string, Holding>,
  seating: Seating,
): ReadonlyMap<string, WhyLeft> {
  const left = new Map<string, WhyLeft>();
  let open = wanted.filter((each) => holdings.get(wantedKey(each))?.returns === true);
  for (let before = Number.POSITIVE_INFINITY; open.length < before;) {
    before = open.length;
    open = open.filter((each) => {
      const key = wantedKey(each);
      const why = giveBackOne(each, holdings.get(key)?.node ?? '', seating);
      if (why === undefined) left.delete(key);
      else left.set(key, why);
      return why !== undefined;
    });
  }
  return left;
}

function giveBackOne(wanted: Wanted, name: string, seating: Seating): WhyLeft | undefined {
  const { shape } = wanted;
  const node = seating.byName.get(name);
  if (node === undefined) return { kind: 'gone' };
  if (wanted.node !== undefined && seating.named(wanted.node) !== node) return { kind: 'named-another' };
  const [obstacle] = obstacles(shape, node, seating, spreadCounts(shape, seating));
  if (obstacle === undefined) seatWhole(wanted, node, seating);
  return obstacle;
}
