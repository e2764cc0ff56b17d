/** Two texts, and which of their lines the other one has not. */
export interface Edit {
  readonly old: readonly string[];
  readonly fresh: readonly string[];
  readonly removed: boolean[];
  readonly added: boolean[];
}

/** Steps that a run of lines is moved by at most. */
const MOST_STEPS = 100;

/**
 * Moves runs of removed and added lines to where people would look for them: among lines that are alike it cannot be known
 * which are new. A run stands where the other side has changed too; otherwise it begins with the mark between documents, or
 * with a line that is indented as little as can be, as the parts of a document do; otherwise as far down as it can be.
 */
export function settle({ old, fresh, removed, added }: Edit): void {
  settleSide(old, removed, gapsOf(added));
  settleSide(fresh, added, gapsOf(removed));
}

/** For each place between lines that both sides have, whether there are lines of one side only. */
function gapsOf(changed: readonly boolean[]): readonly boolean[] {
  const gaps = [false];
  for (const each of changed) {
    if (each) gaps[gaps.length - 1] = true;
    else gaps.push(false);
  }
  return gaps;
}

function settleSide(lines: readonly string[], changed: boolean[], otherGaps: readonly boolean[]): void {
  let gap = 0;
  for (let start = 0; start < lines.length; start++) {
    if (changed[start] !== true) {
      gap += 1;
      continue;
    }
    let end = start;
    while (changed[end] === true) end += 1;
    const by = bestShift(lines, changed, { start, end, gap }, otherGaps);
    if (by !== 0) {
      changed.fill(false, start, end);
      changed.fill(true, start + by, end + by);
    }
    gap += Math.max(0, by);
    start = Math.max(end, end + by) - 1;
  }
}

interface Run {
  readonly start: number;
  readonly end: number;
  /** Lines before it that both sides have. */
  readonly gap: number;
}

function bestShift(
  lines: readonly string[],
  changed: readonly boolean[],
  { start, end, gap }: Run,
  otherGaps: readonly boolean[],
): number {
  let up = 0;
  while (up < MOST_STEPS && canTake(start - up - 1) && lines[start - up - 1] === lines[end - up - 1]) up += 1;
  let down = 0;
  while (down < MOST_STEPS && canTake(end + down) && lines[start + down] === lines[end + down]) down += 1;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let by = -up; by <= down; by++) {
    const cost = otherGaps[gap + by] === true ? -1 : indentOf(lines[start + by] ?? '');
    if (cost > least) continue;
    best = by;
    least = cost;
  }
  return best;

  function canTake(at: number): boolean {
    return at >= 0 && at < lines.length && changed[at] !== true;
  }
}

/** How far in a line begins; the mark between documents is before all, and a line without words begins nothing. */
function indentOf(line: string): number {
  if (line.startsWith('---')) return -0.5;
  const columns = line.search(/\S/);
  return columns === -1 ? 1_000 : columns;
}
