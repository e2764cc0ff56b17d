import type { PortSpace } from './allocation.ts';
import { type ClusterSpace, RESERVED_PORTS, singlesOffset } from './choose-ports.ts';
import { compareText } from './compare-text.ts';
import type { RangeWanted, SinglePort } from './wanted.ts';

/** Where ranges begin that no manifest names (weka-operator §2.5). */
const FIRST_PORT = 35_000;

const SINGLE_PORTS: readonly SinglePort[] = [
  'lbPort',
  'lbAdminPort',
  's3Port',
  'managementProxyPort',
  'dataServicesPort',
];

/**
 * The range of every cluster: the one that its containers have, else the one that it names, else the next gap from
 * `from` on that no other cluster, no named port and no pod on the host's network has. Undefined where no gap is left.
 */
export function portRanges(
  wanted: readonly RangeWanted[],
  held: ReadonlyMap<string, PortSpace>,
  hostPorts: ReadonlySet<number>,
  from = FIRST_PORT,
): ReadonlyMap<string, ClusterSpace> {
  const spaces = new Map(held);
  for (const { owner, first, size, block } of wanted) {
    if (first > 0 && !spaces.has(owner)) spaces.set(owner, { first, size, block });
  }
  const named = wanted.flatMap(({ singles }) => Object.values(singles));
  const taken = [...RESERVED_PORTS, ...hostPorts, ...named].map((port) => ({ first: port, size: 1 }));
  const open = wanted
    .filter(({ owner }) => !spaces.has(owner))
    .toSorted((a, b) => compareText(a.owner, b.owner));
  for (const { owner, size, block } of open) {
    const first = gap([...taken, ...spaces.values()], size, from);
    if (first !== undefined) spaces.set(owner, { first, size, block });
  }
  return new Map(
    wanted.flatMap(({ owner, singles }) => {
      const space = spaces.get(owner);
      return space === undefined ? [] : [[owner, { space, singles: singlePorts(space, singles) }] as const];
    }),
  );
}

/** Single ports follow the blocks of the range, each in a place of its own, unless the manifest names another. */
function singlePorts(space: PortSpace, named: RangeWanted['singles']): Readonly<Record<SinglePort, number>> {
  const after = space.first + singlesOffset(space);
  return Object.fromEntries(
    SINGLE_PORTS.map((field, index) => [field, named[field] ?? after + index]),
  ) as Record<SinglePort, number>;
}

function gap(
  taken: readonly Pick<PortSpace, 'first' | 'size'>[],
  size: number,
  from: number,
): number | undefined {
  let first = from;
  for (const each of taken.toSorted((a, b) => a.first - b.first)) {
    if (each.first >= first + size) break;
    first = Math.max(first, each.first + each.size);
  }
  return first + size - 1 <= 65_535 ? first : undefined;
}
