import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { mergeText } from '../../../../../reconciler/world/git/merge/merge-text.ts';
import type { Interruptible } from '../../../../../reconciler/ports.ts';
import { DEFAULT_LIMITS } from '../../../../../reconciler/world/git/limits.ts';
import { MergeWork } from '../../../../../reconciler/world/git/merge/merge-work.ts';
import { scratchFolder } from '../../../../cluster/scratch.ts';
import { GitRepository } from '../../../../support/git-repository.ts';
import { judged } from './judge.ts';

const folder = await scratchFolder(afterAll);
let count = 0;

interface Texts {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

async function merged(
  { base, ours, theirs }: Texts,
  options: Interruptible = {},
): Promise<string | undefined> {
  const versions = { base: Buffer.from(base), ours: Buffer.from(ours), theirs: Buffer.from(theirs) };
  const text = await mergeText(versions, new MergeWork(DEFAULT_LIMITS, options));
  return text === undefined ? undefined : Buffer.from(text).toString('utf8');
}

const lines = (...all: readonly string[]) => all.map((line) => `${line}\n`).join('');

const edit = fc.record({
  at: fc.nat(200),
  what: fc.constantFrom('remove', 'insert', 'replace', 'repeat'),
  most: fc.nat(4),
  words: fc.array(fc.nat(200), { maxLength: 4 }),
});
type Edit = typeof edit extends fc.Arbitrary<infer Value> ? Value : never;

/** Texts of few words have many lines that are alike, so that it matters how they are compared. */
const texts: fc.Arbitrary<Texts> = fc
  .record({
    words: fc.constantFrom(2, 4, 8, 20, 200),
    first: fc.oneof(
      fc.array(fc.nat(200), { maxLength: 15 }),
      fc.array(fc.nat(200), { minLength: 30, maxLength: 150 }),
    ),
    ours: fc.array(edit, { minLength: 1, maxLength: 3 }),
    theirs: fc.array(edit, { minLength: 1, maxLength: 3 }),
    cut: fc.boolean(),
    shared: fc.boolean(),
  })
  .map(({ words, first, ours, theirs, cut, shared }) => {
    const word = (each: number) => `w${each % words}`;
    const base = first.map(word);
    const mine = ours.reduce((all, each) => edited(all, each, word), base);
    const other = theirs.reduce(
      (all, each) => edited(all, each, word),
      shared && ours.length === 1 ? mine : base,
    );
    const ends = (all: readonly string[]) => (cut ? lines(...all).slice(0, -1) : lines(...all));
    return { base: lines(...base), ours: ends(mine), theirs: lines(...other) };
  });

function edited(
  all: readonly string[],
  { at, what, most, words }: Edit,
  word: (each: number) => string,
): string[] {
  const place = at % (all.length + 1);
  if (what === 'repeat') return all.toSpliced(place, 0, ...all.slice(at % 7, (at % 7) + most));
  return all.toSpliced(place, what === 'insert' ? 0 : most, ...(what === 'remove' ? [] : words.map(word)));
}

describe('a text with changes of both sides', () => {
  it('is what git makes of it, byte for byte, or is left to a person as git leaves it', async () => {
    const tally = { merged: 0, conflicts: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(texts, { minLength: 150, maxLength: 200 }), async (cases) => {
        const repository = await GitRepository.create(join(folder, `texts-${count++}.git`));
        for (const side of ['base', 'ours', 'theirs'] as const) {
          const files = Object.fromEntries(cases.map((each, index) => [`${index}`, each[side]]));
          const onto = side === 'base' ? null : ((await repository.resolve('base')) ?? null);
          await repository.commit(files, { branch: side, onto });
        }
        const [{ tree, conflicts } = NONE] = await judged(repository, [['ours', 'theirs']]);
        const unmerged = new Set(conflicts);
        const listed = await repository.git(['ls-tree', '-z', tree]);
        const oids = new Map(
          listed.split('\0').map((row) => [row.split('\t')[1] ?? '', row.split(/[ \t]/)[2] ?? '']),
        );
        const contents = await contentsOf(
          repository,
          [...oids.values()].filter((oid) => oid !== ''),
        );
        for (const [index, each] of cases.entries()) {
          if (each.ours === each.base || each.theirs === each.base || each.ours === each.theirs) continue;
          const expected = unmerged.has(`${index}`) ? undefined : contents.get(oids.get(`${index}`) ?? '');
          expect({ ...each, merged: await merged(each) }).toEqual({ ...each, merged: expected });
          tally[expected === undefined ? 'conflicts' : 'merged']++;
        }
      }),
      { numRuns: 4, endOnFailure: true },
    );
    expect(tally.merged).toBeGreaterThan(50);
    expect(tally.conflicts).toBeGreaterThan(50);
  });

  it('keeps bytes that are no UTF-8, and ends of lines as they are', async () => {
    const bytes = (...all: readonly (string | number)[]) =>
      Buffer.concat(all.map((each) => (typeof each === 'string' ? Buffer.from(each) : Buffer.of(each))));
    const versions = {
      base: bytes('a\r\nb\n', 0xff, '\nc\nd'),
      ours: bytes('A\r\nb\n', 0xff, '\nc\nd'),
      theirs: bytes('a\r\nb\n', 0xff, '\nc\nd\n'),
    };
    const text = await mergeText(versions, new MergeWork(DEFAULT_LIMITS));
    expect(text && Buffer.from(text)).toEqual(bytes('A\r\nb\n', 0xff, '\nc\nd\n'));
  });

  it('is left to a person where changes touch, and taken where both made the same', async () => {
    expect(
      await merged({ base: lines('a', 'b', 'c'), ours: lines('A', 'b', 'c'), theirs: lines('a', 'B', 'c') }),
    ).toBe(undefined);
    expect(
      await merged({ base: lines('a', 'b', 'c'), ours: lines('A', 'b', 'c'), theirs: lines('a', 'b', 'C') }),
    ).toBe(lines('A', 'b', 'C'));
    expect(await merged({ base: lines('a', 'b'), ours: lines('A', 'b'), theirs: lines('A', 'b', 'c') })).toBe(
      lines('A', 'b', 'c'),
    );
  });

  it('is left to a person where it is not text', async () => {
    expect(await merged({ base: 'a\n\0b\nc\n', ours: 'A\n\0b\nc\n', theirs: 'a\n\0b\nC\n' })).toBe(undefined);
  });

  it('is given up where it is made to take long', async () => {
    const many = (from: number) =>
      lines(...Array.from({ length: 60_000 }, (_, index) => `${(from + index * 7) % 997}`));
    const started = process.cpuUsage();
    expect(await merged({ base: many(0), ours: many(3), theirs: many(5) })).toBe(undefined);
    expect(process.cpuUsage(started).user).toBeLessThan(10_000_000);
  });

  it('lets others have their turn meanwhile, and ends when nobody waits for it any more', async () => {
    const many = Array.from({ length: 500_000 }, (_, index) => `${index % 7_919}`);
    const text = (all: readonly string[]) => `${all.join('\n')}\n`;
    const texts = { base: text(many), ours: text(['a', ...many]), theirs: text(many.toReversed()) };
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('No more.')), 20);
    await expect(merged(texts, ending)).rejects.toThrow('No more.');
  });
});

const NONE = { tree: '', conflicts: [] };

async function contentsOf(
  repository: GitRepository,
  oids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const input = oids.map((oid) => `${oid}\n`).join('');
  const text = await repository.git(['cat-file', '--batch'], { input });
  const contents = new Map<string, string>();
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at);
    const [oid = '', , size] = text.slice(at, newline).split(' ');
    contents.set(oid, text.slice(newline + 1, newline + 1 + Number(size)));
    at = newline + 2 + Number(size);
  }
  return contents;
}
