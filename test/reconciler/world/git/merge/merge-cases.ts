import fc from 'fast-check';

/** What stands at a path of a made commit. */
export type MadeFile =
  | { readonly kind: 'file' | 'program'; readonly text: string }
  | { readonly kind: 'link'; readonly to: string }
  | { readonly kind: 'submodule'; readonly commit: string };

export type MadeTree = ReadonlyMap<string, MadeFile>;

export interface MadeCommit {
  /** Places among the commits. */
  readonly parents: readonly number[];
  readonly files: MadeTree;
  /** Seconds; histories made on several machines may go back in time. */
  readonly date?: number;
}

/** Commits of which the last two are to be merged. */
export type MadeHistory = readonly MadeCommit[];

const PATHS = [
  'a/x',
  'a/y',
  'a/c/x',
  'a/c/z',
  'b/x',
  'b/y',
  'x',
  'y',
  'a',
  'b',
  'a/c',
  'd/x',
  'd/e/f/x',
  'a b/ü"',
  'z',
];
const DIRS = ['a', 'b', 'a/c', 'd', 'a b', 'd/e'];

interface Step {
  readonly what:
    | 'edit'
    | 'delete'
    | 'rename'
    | 'rename-folder'
    | 'delete-folder'
    | 'add'
    | 'copy'
    | 'chmod'
    | 'link'
    | 'submodule'
    | 'binary';
  readonly at: number;
  readonly to: number;
  readonly line: number;
  readonly lines: number;
  readonly word: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('edit' as const) },
    { weight: 3, arbitrary: fc.constant('rename' as const) },
    { weight: 2, arbitrary: fc.constantFrom('delete' as const, 'add' as const, 'copy' as const) },
    { weight: 2, arbitrary: fc.constantFrom('rename-folder' as const, 'delete-folder' as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('chmod' as const, 'link' as const, 'submodule' as const, 'binary' as const),
    },
  ),
  at: fc.nat(100),
  to: fc.nat(100),
  line: fc.nat(12),
  lines: fc.integer({ min: 0, max: 3 }),
  word: fc.nat(6),
});

const steps = (most: number) => fc.array(step, { maxLength: most });

const firstTree: fc.Arbitrary<MadeTree> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...PATHS), fc.nat(4)), {
    minLength: 1,
    maxLength: 7,
    selector: ([path]) => path,
  })
  .map((entries) =>
    entries.reduce((tree, [path, pool]) => put(tree, path, { kind: 'file', text: textOf(pool) }), NONE),
  );

const NONE: MadeTree = new Map();

function textOf(pool: number): string {
  return Array.from({ length: 9 }, (_, line) => `field-${pool}-${line}: value\n`).join('');
}

/** Two branches of one commit. */
export const forks: fc.Arbitrary<MadeHistory> = fc
  .tuple(firstTree, steps(4), steps(4))
  .map(([first, ours, theirs]) => [
    { parents: [], files: first },
    { parents: [0], files: ours.reduce(taken, first) },
    { parents: [0], files: theirs.reduce(taken, first) },
  ]);

/** Branches that were merged into each other, once or twice, before they went on. */
export const tangles: fc.Arbitrary<MadeHistory> = fc
  .tuple(
    firstTree,
    fc.array(fc.tuple(steps(2), steps(2), fc.constantFrom('ours', 'theirs', 'both'), fc.boolean()), {
      minLength: 1,
      maxLength: 3,
    }),
    steps(2),
    steps(2),
    fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 20, maxLength: 20 }),
  )
  .map(([first, rounds, ours, theirs, dates]) => {
    const commits: MadeCommit[] = [{ parents: [], files: first }];
    const add = (parents: readonly number[], files: MadeTree): number =>
      commits.push({ parents, files, date: commits.length + (dates[commits.length] ?? 0) }) - 1;
    let [one, other] = [0, 0];
    for (const [mine, others, how, crosses] of rounds) {
      one = add([one], mine.reduce(taken, commits[one]!.files));
      other = add([other], others.reduce(taken, commits[other]!.files));
      const [left, right] = [commits[one]!.files, commits[other]!.files];
      const merged = how === 'ours' ? left : how === 'theirs' ? right : unite(left, right);
      const crossed = add([one, other], merged);
      other = crosses ? add([other, one], how === 'both' ? merged : right) : other;
      one = crossed;
    }
    add([one], ours.reduce(taken, commits[one]!.files));
    add([other], theirs.reduce(taken, commits[other]!.files));
    return commits;
  });

function unite(one: MadeTree, other: MadeTree): MadeTree {
  return [...other].reduce((tree, [path, file]) => (tree.has(path) ? tree : put(tree, path, file)), one);
}

/** A tree with a file, and without what stands in its way. */
function put(tree: MadeTree, path: string, file: MadeFile): MadeTree {
  const rest = [...tree].filter(
    ([each]) => each !== path && !each.startsWith(`${path}/`) && !path.startsWith(`${each}/`),
  );
  return new Map([...rest, [path, file]]);
}

function taken(tree: MadeTree, { what, at, to, line, lines, word }: Step): MadeTree {
  const paths = [...tree.keys()];
  const path = paths[at % Math.max(1, paths.length)];
  const target = PATHS[to % PATHS.length]!;
  if (what === 'add') return put(tree, target, { kind: 'file', text: textOf(word) });
  if (path === undefined) return tree;
  const file = tree.get(path)!;
  const without = new Map([...tree].filter(([each]) => each !== path));
  const text = file.kind === 'file' || file.kind === 'program' ? file.text : undefined;
  switch (what) {
    case 'edit': {
      if (text === undefined || !('text' in file)) return tree;
      const old = text.split(/(?<=\n)/);
      const fresh = Array.from({ length: lines }, (_, index) => `word-${word}: ${index}\n`);
      return put(tree, path, { ...file, text: old.toSpliced(line, word % 3, ...fresh).join('') });
    }
    case 'delete':
      return without;
    case 'rename':
      return put(without, target, file);
    case 'copy':
      return put(tree, target, file);
    case 'rename-folder': {
      const [from, into] = [DIRS[at % DIRS.length]!, DIRS[to % DIRS.length]!];
      const moved = [...tree].filter(([each]) => each.startsWith(`${from}/`));
      const kept: MadeTree = new Map([...tree].filter(([each]) => !each.startsWith(`${from}/`)));
      return moved.reduce((all, [each, one]) => put(all, `${into}${each.slice(from.length)}`, one), kept);
    }
    case 'delete-folder': {
      const from = DIRS[at % DIRS.length]!;
      return new Map([...tree].filter(([each]) => !each.startsWith(`${from}/`)));
    }
    case 'chmod':
      return text === undefined
        ? tree
        : put(tree, path, { kind: file.kind === 'file' ? 'program' : 'file', text });
    case 'link':
      return put(tree, path, { kind: 'link', to: PATHS[to % 3]! });
    case 'submodule':
      return put(tree, path, { kind: 'submodule', commit: String((word % 3) + 1).repeat(40) });
    case 'binary':
      return put(tree, path, { kind: 'file', text: `${textOf(word % 2)}\0${line}` });
  }
}

/** A history with so many commits that change nothing before each of its own. */
export function stretched(history: MadeHistory, by: number): MadeHistory {
  const last = history.map((_commit, index) => (index + 1) * (by + 1) - 1);
  const commits = history.flatMap(({ parents, files, date = 0 }, index): MadeCommit[] => {
    const [first, ...others] = parents.map((parent) => last[parent]!);
    const before = first === undefined ? [] : [first];
    const kept = first === undefined ? files : history[parents[0]!]!.files;
    const idle = Array.from({ length: by }, (_, step) => ({
      parents: step === 0 ? before : [index * (by + 1) + step - 1],
      files: kept,
      date,
    }));
    return [...idle, { parents: [index * (by + 1) + by - 1, ...others], files, date }];
  });
  // The two that are to be merged come last.
  const ours = last.at(-2)!;
  return [
    ...commits,
    { ...commits[ours]!, parents: [ours] },
    { ...commits.at(-1)!, parents: [last.at(-1)!] },
  ];
}

/** For `git fast-import`: the last two commits get the branches `NAME-ours` and `NAME-theirs`. Marks go on from `marks`. */
export function importScript(history: MadeHistory, name: string, marks: number): Buffer {
  const lines: Buffer[] = [];
  const say = (text: string) => lines.push(Buffer.from(`${text}\n`));
  const data = (text: string) => {
    const bytes = Buffer.from(text);
    say(`data ${bytes.length}`);
    lines.push(bytes, Buffer.from('\n'));
  };
  history.forEach(({ parents, files, date = 0 }, index) => {
    say(`commit refs/heads/${name}-made`);
    say(`mark :${marks + index + 1}`);
    say(`committer Ada Author <ada@example.com> ${1_700_000_000 + date * 60} +0000`);
    data(`Commit ${index}`);
    const [first, ...others] = parents;
    if (first !== undefined) say(`from :${marks + first + 1}`);
    for (const other of others) say(`merge :${marks + other + 1}`);
    say('deleteall');
    for (const [path, file] of files) {
      const quoted = `"${path.replaceAll('"', '\\"')}"`;
      if (file.kind === 'submodule') say(`M 160000 ${file.commit} ${quoted}`);
      else {
        say(`M ${{ file: '100644', program: '100755', link: '120000' }[file.kind]} inline ${quoted}`);
        data(file.kind === 'link' ? file.to : file.text);
      }
    }
  });
  for (const [branch, mark] of [
    ['ours', history.length - 1],
    ['theirs', history.length],
  ] as const) {
    say(`reset refs/heads/${name}-${branch}`);
    say(`from :${marks + mark}`);
    say('');
  }
  return Buffer.concat(lines);
}
