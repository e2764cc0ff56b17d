import type { DriverCellOutput, DriverHoldUp, DriversOutput } from '../../../schemas/output/drivers.ts';
import { compareText } from '../placement/compare-text.ts';

/**
 * What of drivers is news: how far builds and nodes are and the names of what is in the way; no sentences, which have figures
 * and times in them. Of many nodes each tenth that gets there is told.
 */
export function driversNews({
  nodes,
  unread,
  cells,
  holdUps,
  conflicts,
  pinned,
  omitted,
}: DriversOutput): object {
  return {
    nodes,
    ...(unread !== undefined && nodes === 0 && { unread: true }),
    cells: cells.map(({ why: _why, hint: _hint, lastLines: _lines, loaded, ...cell }) => ({
      ...cell,
      loaded: loaded === cell.nodes.total ? 'all' : Math.floor((10 * loaded) / cell.nodes.total),
    })),
    holdUps: holdUps
      .map(({ why: _why, hint: _hint, users: _users, lastLines: _lines, ...holdUp }) => holdUp)
      .toSorted((a, b) => compareText(holdUpKey(a), holdUpKey(b))),
    conflicts,
    pinned,
    ...(omitted !== undefined && { omitted }),
  };
}

/**
 * The drivers as they are, save that what failed and is being tried again counts as failed until it is known how that ends:
 * else every try would be told twice.
 */
export function untilItEnds(now: DriversOutput, recorded: DriversOutput | undefined): DriversOutput {
  if (recorded === undefined) return now;
  const cells = now.cells.map((cell) => {
    const before = recorded.cells.find((each) => cellKey(each) === cellKey(cell));
    const isTrying = cell.state === 'building' || cell.state === 'fetching';
    if (before?.state !== 'failed' || !isTrying) return cell;
    const { code: _, ...rest } = cell;
    return { ...rest, state: before.state, ...(before.code !== undefined && { code: before.code }) };
  });
  return { ...now, cells, holdUps: stillHeldUp(now, recorded) };
}

/** Nodes that failed, or waited, and are at work now, as they were. */
function stillHeldUp(now: DriversOutput, recorded: DriversOutput): DriverHoldUp[] {
  // So many more nodes are at work than were, and may be those that failed.
  let busy = Math.max(0, busyIn(now) - busyIn(recorded));
  const held = new Map(now.holdUps.map((each) => [holdUpKey(each), each] as const));
  for (const before of recorded.holdUps) {
    if (before.state !== 'failed' && before.state !== 'waiting') continue;
    const fewer = before.nodes.total - (held.get(holdUpKey(before))?.nodes.total ?? 0);
    if (fewer <= 0 || fewer > busy) continue;
    busy -= fewer;
    held.set(holdUpKey(before), before);
  }
  return [...held.values()];
}

function busyIn({ progress }: DriversOutput): number {
  return (progress.working ?? 0) + (progress.asked ?? 0);
}

function holdUpKey({ state, version, kernel, code }: Omit<DriverHoldUp, 'why'>): string {
  return JSON.stringify([state, version, kernel, code]);
}

function cellKey({ service, version, kernel, architecture, buildId }: DriverCellOutput): string {
  return JSON.stringify([service, version, kernel, architecture, buildId]);
}
