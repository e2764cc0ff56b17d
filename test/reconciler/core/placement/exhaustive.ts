import type { PlacementInput } from '../../../../reconciler/core/placement/input.ts';
import type { Placement } from '../../../../reconciler/core/placement/result.ts';
import { faults } from './check-placement.ts';

/**
 * Whether there is any way to give every wanted container a node, found by trying all of them. Drives are given in
 * their order and ports are left out, since which ones makes no difference to how many fit.
 */
export function fitsSomehow(input: PlacementInput): boolean {
  const wanted = input.wants.containers;
  const seats: Placement[] = [];
  const tryFrom = (at: number): boolean => {
    const next = wanted[at];
    if (next === undefined) return true;
    for (const node of input.nodes) {
      if (next.node !== undefined && next.node !== node.name) continue;
      const before = seats.length;
      for (const { namespace, name, shape } of [next, ...next.companions]) {
        const taken = new Set(seats.flatMap(({ allocation }) => allocation.drives));
        const free = (node.annotations.drives ?? []).filter(
          (each) => !taken.has(each) && !node.annotations.blocked.has(each),
        );
        const drives = free.slice(0, shape.drives?.count ?? 0);
        const allocation = { node: node.name, drives, ports: {} };
        seats.push({ namespace, name, owner: '', mode: '', cores: shape.cores, how: 'new', allocation });
      }
      const done = { ...input.wants, containers: wanted.slice(0, at + 1) };
      const isSound =
        faults({ ...input, wants: done }, { placements: seats, refusals: [], shortfalls: [] }).length === 0;
      const hasDrives = seats
        .slice(before)
        .every((seat) => seat.allocation.drives.length === driveCount(input, seat.name));
      if (isSound && hasDrives && tryFrom(at + 1)) return true;
      seats.length = before;
    }
    return false;
  };
  return tryFrom(0);
}

function driveCount({ wants }: PlacementInput, name: string): number {
  return wants.containers.find((each) => each.name === name)?.shape.drives?.count ?? 0;
}
