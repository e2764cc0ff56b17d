import fc from 'fast-check';

/** A commit of a generated history; parents by their place in it. */
export interface MadeCommit {
  readonly parents: readonly number[];
  /** Lines of the file that is blamed, and its name. */
  readonly file: string;
  readonly lines: readonly string[];
}

/** One step: what becomes of a line, or of the branches. */
type Step =
  | {
      readonly do: 'insert' | 'replace' | 'delete';
      readonly at: number;
      readonly count: number;
      readonly side: boolean;
    }
  | { readonly do: 'branch' }
  | { readonly do: 'merge'; readonly how: 'ours' | 'theirs' | 'both'; readonly swapped: boolean }
  | { readonly do: 'rename' }
  | { readonly do: 'nothing'; readonly side: boolean };

const edit = fc.record({
  do: fc.constantFrom('insert' as const, 'replace' as const, 'delete' as const),
  at: fc.nat(30),
  count: fc.integer({ min: 1, max: 3 }),
  side: fc.boolean(),
});
const idle = fc.record({ do: fc.constant('nothing' as const), side: fc.boolean() });
const branch = fc.record({ do: fc.constant('branch' as const) });
const merge = fc.record({
  do: fc.constant('merge' as const),
  how: fc.constantFrom('ours' as const, 'theirs' as const, 'both' as const),
  swapped: fc.boolean(),
});
const rename = fc.record({ do: fc.constant('rename' as const) });

/** Histories of branches and merges, in which no two lines that were ever written are alike. */
export const branchedHistories = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: edit },
      { weight: 1, arbitrary: idle },
      { weight: 2, arbitrary: branch },
      {
        weight: 2,
        arbitrary: merge,
      },
    ),
    { minLength: 3, maxLength: 30 },
  )
  .map(played);

/** Histories in a line, in which the file gets other names. */
export const renamedHistories = fc
  .array(fc.oneof({ weight: 4, arbitrary: edit }, { weight: 1, arbitrary: rename }), {
    minLength: 3,
    maxLength: 20,
  })
  .map(played);

// Documents are left out: a new one is taken as a whole by us, and from the line `metadata:` on by git.
const block = fc.constantFrom(
  ['- name: NAME', '  image: app:1', '  env:', '    - name: MODE', '      value: fast'],
  [
    '- name: NAME',
    '  image: app:1',
    '  ports:',
    '    - containerPort: 80',
    '      protocol: TCP',
    '  env: []',
  ],
);

/** Histories in a line of a file whose parts are much alike, as those of manifests are. */
export const manifestHistories = fc
  .tuple(
    fc.array(block, { minLength: 2, maxLength: 6 }),
    fc.array(fc.tuple(fc.constantFrom('insert', 'delete', 'edit'), fc.nat(20), fc.nat(20), block), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([first, steps]): readonly MadeCommit[] => {
    const named = (lines: readonly string[], name: string) => lines.map((line) => line.replace('NAME', name));
    let blocks = first.map((lines, index) => named(lines, `first-${index}`));
    const commits: MadeCommit[] = [{ parents: [], file: 'a.yaml', lines: blocks.flat() }];
    for (const [index, [what, at, line, lines]] of steps.entries()) {
      const place = at % (blocks.length + 1);
      const last = Math.max(0, Math.min(place, blocks.length - 1));
      const edited = blocks[last] ?? [];
      if (what === 'insert') blocks = blocks.toSpliced(place, 0, named(lines, `later-${index}`));
      else if (what === 'delete' && blocks.length > 1) blocks = blocks.toSpliced(last, 1);
      else blocks = blocks.with(last, edited.with(line % edited.length, `${edited[line % edited.length]!}x`));
      commits.push({ parents: [commits.length - 1], file: 'a.yaml', lines: blocks.flat() });
    }
    return commits;
  });

function played(steps: readonly Step[]): readonly MadeCommit[] {
  const commits: MadeCommit[] = [{ parents: [], file: 'a.yaml', lines: fresh(8, 0) }];
  const [main, side] = [0, 1];
  const heads: (number | undefined)[] = [0, undefined];
  const add = (commit: MadeCommit): number => commits.push(commit) - 1;
  steps.forEach((step, index) => {
    const head = commits[heads[main] ?? 0]!;
    const other = heads[side] === undefined ? undefined : commits[heads[side]];
    if (step.do === 'branch') heads[side] ??= heads[main];
    else if (step.do === 'rename') {
      const file = head.file === 'a.yaml' ? 'folder/b.yaml' : 'a.yaml';
      heads[main] = add({ ...head, file, parents: [heads[main] ?? 0] });
    } else if (step.do === 'merge') {
      if (other === undefined || heads[side] === heads[main]) return;
      const lines =
        step.how === 'ours'
          ? head.lines
          : step.how === 'theirs'
            ? other.lines
            : both(head.lines, other.lines);
      const parents = [heads[main] ?? 0, heads[side] ?? 0];
      heads[main] = add({ file: head.file, lines, parents: step.swapped ? parents.toReversed() : parents });
      heads[side] = undefined;
    } else {
      const which = step.side && other !== undefined ? side : main;
      const before = which === side ? other! : head;
      const lines = step.do === 'nothing' ? before.lines : edited(before.lines, step, index + 1);
      heads[which] = add({ file: before.file, lines, parents: [heads[which] ?? 0] });
    }
  });
  return commits;
}

function edited(
  lines: readonly string[],
  { do: what, at, count }: Extract<Step, { at: number }>,
  index: number,
): readonly string[] {
  const place = lines.length === 0 ? 0 : at % (lines.length + 1);
  const added = what === 'delete' ? [] : fresh(count, index);
  return lines.toSpliced(place, what === 'insert' ? 0 : count, ...added);
}

function fresh(count: number, index: number): readonly string[] {
  return Array.from({ length: count }, (_, line) => `field-${index}-${line}: value`);
}

/** All lines of both, in an order that both agree with. */
function both(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const [inOurs, inTheirs] = [new Set(ours), new Set(theirs)];
  const merged: string[] = [];
  let at = 0;
  for (const line of ours) {
    if (inTheirs.has(line)) {
      for (; theirs[at] !== line; at++) if (!inOurs.has(theirs[at]!)) merged.push(theirs[at]!);
      at += 1;
    }
    merged.push(line);
  }
  return [...merged, ...theirs.slice(at).filter((line) => !inOurs.has(line))];
}

/** For `git fast-import`: the last commit is what `ref` points to. Marks count from `firstMark` on. */
export function importScript(commits: readonly MadeCommit[], ref = 'refs/heads/main', firstMark = 0): string {
  const mark = (index: number) => `:${firstMark + index + 1}`;
  return commits
    .map(({ parents, file, lines }, index) => {
      const message = `Commit ${index}`;
      const text = lines.map((line) => `${line}\n`).join('');
      const [first, ...others] = parents;
      return [
        `commit ${ref}`,
        `mark ${mark(index)}`,
        `author Ada Author <ada@example.com> ${1_700_000_000 + index * 60} +0000`,
        `committer Ada Author <ada@example.com> ${1_700_000_000 + index * 60} +0000`,
        `data ${message.length}\n${message}`,
        ...(first === undefined ? [] : [`from ${mark(first)}`]),
        ...others.map((parent) => `merge ${mark(parent)}`),
        'deleteall',
        `M 100644 inline other.txt\ndata ${message.length}\n${message}`,
        `M 100644 inline ${file}\ndata ${text.length}\n${text}`,
        '',
      ].join('\n');
    })
    .join('\n');
}
