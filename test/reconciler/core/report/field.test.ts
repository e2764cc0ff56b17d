import { describe, expect, it } from 'vitest';
import { describeField } from '../../../../reconciler/core/report/field.ts';
import { lineDiff } from '../../../../reconciler/core/report/line-diff.ts';
import { columns, wrapped } from '../../../../reconciler/core/report/layout.ts';
import { clip, oneLine, printable, prose } from '../../../../reconciler/core/report/plain.ts';

/** `from → to`, or the lines of a diff. */
function described(from: unknown, to: unknown, max = 30): string {
  const text = describeField(
    {
      path: 'p',
      ...(from !== undefined && { from: from as string }),
      ...(to !== undefined && { to: to as string }),
    },
    max,
  );
  if (!('diff' in text)) return `${text.from} → ${text.to}`;
  return text.diff
    .map((line) => (line.mark === '…' ? `…${line.skipped}` : `${line.mark}${line.text}`))
    .join('\n');
}

describe('describeField', () => {
  it.each([
    [3, 4, '3 → 4'],
    [3, '3', '3 → "3"'],
    ['true', true, '"true" → true'],
    ['a', '', 'a → ""'],
    [undefined, 'weka:5', '(none) → weka:5'],
    ['a', undefined, 'a → (none)'],
    [null, ['a'], 'null → ["a"]'],
    ['a b', 'a  b', 'a b → "a  b"'],
    ['- x', '(none)', '"- x" → "(none)"'],
  ])('writes %j to %j as %s', (from, to, words) => {
    expect(described(from, to)).toBe(words);
  });

  it('shows long values from where they part', () => {
    const lead = 'registry.example.com/team/weka-in-container';
    expect(described(`${lead}:4.4.2`, `${lead}:4.4.5`)).toBe(
      '…/team/weka-in-container:4.4.2 → …/team/weka-in-container:4.4.5',
    );
  });

  it('shows a value of several lines as a diff', () => {
    expect(described('a\nb\nc\nd\ne\nf\n', 'a\nb\nc\nd\nE\nf\n')).toBe('…2\n c\n d\n-e\n+E\n f');
    expect(described('a\nb\n', 'a\nb')).toBe(' a\n b\n+(no newline at the end)');
  });
});

describe('lineDiff', () => {
  it('keeps to its bound and counts the rest', () => {
    const lines = (mark: string) => Array.from({ length: 1000 }, (_, n) => `${mark}${n}\n`).join('');
    const diff = lineDiff(lines('a'), lines('b'), 10);
    expect(diff).toHaveLength(10);
    expect(diff.at(-1)).toEqual({ mark: '…', skipped: 1991 });
  });

  it('says nothing of equal texts', () => {
    expect(lineDiff('a\nb\n', 'a\nb\n', 10)).toEqual([{ mark: '…', skipped: 2 }]);
  });
});

describe('plain text', () => {
  it('makes what a terminal obeys visible', () => {
    expect(printable('a\u001b[31m\r\n\tb\u202e\u2066\u200b\ufeff\u3164\u{e0041}')).toBe(
      'a\\u{1b}[31m\\r\\n\\tb\\u{202e}\\u{2066}\\u{200b}\\u{feff}\\u{3164}\\u{e0041}',
    );
    expect(oneLine('  a\n\t b ')).toBe('a b');
  });

  it('is cut between characters', () => {
    expect(clip('😀😀😀', 2)).toBe('😀…');
    expect(clip('abc', 3)).toBe('abc');
    expect(prose('x'.repeat(1_000_000), 5)).toBe('xxxx…');
  });

  it('is wrapped between words, and within those that are too long', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrapped('名前名前', 5)).toEqual(['名前', '名前']);
    expect(wrapped('名', 1)).toEqual(['名']);
    expect(columns('e\u0301名')).toBe(3);
  });
});
