/** One line of a diff, or a count of the lines between two that are shown. */
export type DiffLine =
  | { readonly mark: ' ' | '+' | '-'; readonly text: string }
  | { readonly mark: '…'; readonly skipped: number };

type Edit = Extract<DiffLine, { readonly text: string }>;

/** Unchanged lines shown around a change. */
const CONTEXT = 2;
/** Above this many comparisons the old lines are shown as removed and the new ones as added. */
const COMPARISONS = 250_000;

/** What differs between two texts, by line, in at most `max` lines. */
export function lineDiff(from: string, to: string, max: number): DiffLine[] {
  return shortened(withContext(edits(linesOf(from), linesOf(to))), max);
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  // A missing newline at the end is a difference that would otherwise not be seen.
  if (lines.at(-1) === '') lines.pop();
  else lines.push('(no newline at the end)');
  return lines;
}

function edits(from: readonly string[], to: readonly string[]): Edit[] {
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head += 1;
  let tail = 0;
  while (
    tail < from.length - head &&
    tail < to.length - head &&
    from[from.length - 1 - tail] === to[to.length - 1 - tail]
  ) {
    tail += 1;
  }
  return [
    ...from.slice(0, head).map(unchanged),
    ...middle(from.slice(head, from.length - tail), to.slice(head, to.length - tail)),
    ...from.slice(from.length - tail).map(unchanged),
  ];
}

/** The longest common subsequence of lines stays; the rest is removed or added. */
function middle(from: readonly string[], to: readonly string[]): Edit[] {
  if (from.length * to.length > COMPARISONS) return [...from.map(removed), ...to.map(added)];
  const width = to.length + 1;
  const common = new Uint32Array((from.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      common[i * width + j] = from[i] === to[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const result: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const [old, fresh] = [from[i], to[j]];
    if (old !== undefined && old === fresh) {
      result.push(unchanged(old));
      i += 1;
      j += 1;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      result.push(removed(old));
      i += 1;
    } else if (fresh !== undefined) {
      result.push(added(fresh));
      j += 1;
    }
  }
  return result;
}

/** Unchanged lines far from a change are counted. */
function withContext(all: readonly Edit[]): DiffLine[] {
  const near = new Set<number>();
  all.forEach(({ mark }, index) => {
    if (mark === ' ') return;
    for (let i = index - CONTEXT; i <= index + CONTEXT; i += 1) near.add(i);
  });
  const lines: DiffLine[] = [];
  let skipped = 0;
  all.forEach((edit, index) => {
    if (!near.has(index)) {
      skipped += 1;
      return;
    }
    if (skipped > 0) lines.push({ mark: '…', skipped });
    skipped = 0;
    lines.push(edit);
  });
  return skipped > 0 ? [...lines, { mark: '…', skipped }] : lines;
}

function shortened(lines: readonly DiffLine[], max: number): DiffLine[] {
  if (lines.length <= max) return [...lines];
  const rest = lines.slice(max - 1);
  const skipped = rest.reduce((sum, line) => sum + (line.mark === '…' ? line.skipped : 1), 0);
  return [...lines.slice(0, max - 1), { mark: '…', skipped }];
}

function unchanged(text: string): Edit {
  return { mark: ' ', text };
}

function removed(text: string): Edit {
  return { mark: '-', text };
}

function added(text: string): Edit {
  return { mark: '+', text };
}
