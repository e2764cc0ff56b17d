import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linesBefore } from '../../../../reconciler/core/history/lines-before.ts';

/** For each line of `after` the line of `before` that it is, `+` for a new one. */
function mapped(before: string, after: string): string {
  return linesBefore([...before], [...after])
    .map((line) => line ?? '+')
    .join(' ');
}

describe('the line that a line was before', () => {
  it.each([
    ['abc', 'abc', '0 1 2'],
    ['abc', 'xabc', '+ 0 1 2'],
    ['abc', 'abxc', '0 1 + 2'],
    ['abc', 'ac', '0 2'],
    ['abc', 'axc', '0 + 2'],
    ['', 'ab', '+ +'],
    ['abcd', 'xbyd', '+ 1 + 3'],
    // Of lines that are alike the later ones are new.
    ['av', 'avbv', '0 1 + +'],
    ['avc', 'avbvc', '0 1 + + 2'],
    ['aaa', 'aaaaa', '0 1 2 + +'],
  ])('of %j in %j is %s', (before, after, expected) => {
    expect(mapped(before, after)).toBe(expected);
  });

  it('leaves parts of a document whole, though the lines between them are alike', () => {
    const part = (name: string) => ['---', 'kind: A', 'metadata:', `  name: ${name}`];
    const after = [...part('a'), ...part('new'), ...part('b')];
    expect(linesBefore([...part('a'), ...part('b')], after)).toEqual(
      [0, 1, 2, 3, part('new').map(() => undefined), 4, 5, 6, 7].flat(),
    );
    const item = (name: string) => ['  - image: x', `    name: ${name}`];
    expect(linesBefore(['all:', ...item('a')], ['all:', ...item('new'), ...item('a')])).toEqual([
      0,
      undefined,
      undefined,
      1,
      2,
    ]);
  });

  it('is an equal one, in the same order, and as many as can be', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 14 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const kept = linesBefore(before, after);
        const found = kept.flatMap((at, index) => (at === undefined ? [] : [[at, index] as const]));
        for (const [at, index] of found) expect(before[at]).toBe(after[index]);
        expect(found.map(([at]) => at)).toEqual(found.map(([at]) => at).toSorted((a, b) => a - b));
        expect(new Set(found.map(([at]) => at)).size).toBe(found.length);
        expect(found.length).toBe(longestCommon(before, after));
      }),
      { numRuns: 400 },
    );
  });

  it('is found in files of thousands of lines that were changed all over', () => {
    const before = Array.from({ length: 6_000 }, (_, line) => `line ${line}`);
    const after = before.flatMap((line, index) => (index % 10 === 0 ? [`new ${index}`, line] : [line]));
    const kept = linesBefore(before, after);
    expect(kept[after.indexOf('line 3001')]).toBe(3001);
    expect(kept[after.indexOf('new 3000')]).toBeUndefined();
  });
});

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let last = b.map(() => 0);
  for (const x of a) {
    const row: number[] = [];
    b.forEach((y, j) => {
      row.push(x === y ? (last[j - 1] ?? 0) + 1 : Math.max(row[j - 1] ?? 0, last[j] ?? 0));
    });
    last = row;
  }
  return last.at(-1) ?? 0;
}
