import { settle } from './settle.ts';

/** Edits beyond which two texts are taken to have nothing in common between their equal ends. */
const MOST_EDITS = 2_000;

/**
 * Which line of `before` each line of `after` is; undefined for new ones. Lines are those that a shortest edit leaves in
 * place; they count from 0.
 */
export function linesBefore(
  before: readonly string[],
  after: readonly string[],
): readonly (number | undefined)[] {
  const edit = { old: before, fresh: after, removed: before.map(() => true), added: after.map(() => true) };
  for (const [x, y] of common(before, after)) {
    edit.removed[x] = false;
    edit.added[y] = false;
  }
  settle(edit);
  // Lines that stay have the same order on both sides.
  let next = 0;
  return edit.added.map((isNew) => {
    if (isNew) return undefined;
    while (edit.removed[next] === true) next += 1;
    next += 1;
    return next - 1;
  });
}

/** Pairs of places of the lines that stay. */
function common(before: readonly string[], after: readonly string[]): readonly (readonly [number, number])[] {
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const old = before.slice(head, before.length - tail);
  const fresh = after.slice(head, after.length - tail);
  // A line that the other side has nowhere cannot stay, and only makes the search longer.
  const left = placesOf(old, new Set(fresh));
  const right = placesOf(fresh, new Set(old));
  const middle = matches(
    left.map((at) => old[at]),
    right.map((at) => fresh[at]),
  );
  return [
    ...Array.from({ length: head }, (_, at) => [at, at] as const),
    ...middle.map(([x, y]) => [head + (left[x] ?? 0), head + (right[y] ?? 0)] as const),
    ...Array.from({ length: tail }, (_, at) => [before.length - 1 - at, after.length - 1 - at] as const),
  ];
}

function placesOf(lines: readonly string[], others: ReadonlySet<string>): readonly number[] {
  return lines.flatMap((line, at) => (others.has(line) ? [at] : []));
}

/** Pairs of equal lines that a shortest edit leaves in place (Myers, An O(ND) Difference Algorithm). */
function matches<Line>(a: readonly Line[], b: readonly Line[]): readonly (readonly [number, number])[] {
  const most = Math.min(a.length + b.length, MOST_EDITS);
  const reach = new Int32Array(2 * most + 3);
  const at = (diagonal: number) => reach[diagonal + most + 1] ?? 0;
  const steps: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isDown = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1));
      let x = isDown ? at(diagonal + 1) : at(diagonal - 1) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1;
      reach[diagonal + most + 1] = x;
      if (x >= a.length && x - diagonal >= b.length) return pairs(steps, edits, diagonal, x);
    }
    // What is reached with this many edits, from the diagonal -edits on.
    steps.push(reach.slice(most + 1 - edits, most + 2 + edits));
  }
  return [];
}

/** The way back from the end: where it follows a diagonal, lines are kept. */
function pairs(
  steps: readonly Int32Array[],
  edits: number,
  last: number,
  end: number,
): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  let [x, diagonal] = [end, last];
  for (let left = edits; left >= 0; left--) {
    const reached = steps[left - 1];
    const at = (each: number) => reached?.[each + left - 1] ?? 0;
    const isDown = diagonal === -left || (diagonal !== left && at(diagonal - 1) < at(diagonal + 1));
    const previous = isDown ? diagonal + 1 : diagonal - 1;
    const from = left === 0 ? 0 : isDown ? at(previous) : at(previous) + 1;
    while (x > from) {
      x -= 1;
      found.push([x, x - diagonal]);
    }
    if (left === 0) break;
    x = at(previous);
    diagonal = previous;
  }
  return found;
}
