import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentDifferences } from '../../../tools/yaml/silent-differences.ts';
import { WORDS, yamlTexts } from '../../../tools/yaml/texts.ts';

const CONTEXTS = [
  (word: string) => `a: ${word}\n`,
  (word: string) => `${word}: a\n`,
  (word: string) => `[${word}]\n`,
  (word: string) => `{a: ${word}}\n`,
  (word: string) => `{${word}: a}\n`,
  (word: string) => `{a:${word}}\n`,
  (word: string) => `- ${word}\n`,
  (word: string) => `a: ${word}\r\nb: ${word} # c\r\n`,
  (word: string) => `a: |\n  ${word}\nb: >-\n  ${word}\n\n  ${word}\n`,
  (word: string) => `a: &a ${word}\nb: *a\n`,
  (word: string) => `a: ${word}\n--- # c\nb: ${word}\n`,
];

// The seeds are fixed; the parser sweep tries new ones.
describe('what a text means', () => {
  it('is to us what it is to the API server’s parser, or there is a finding: words in every place', async () => {
    const texts = WORDS.flatMap((word) => CONTEXTS.map((context) => context(word)));
    const { read, different } = await silentDifferences(texts);
    expect(different).toEqual([]);
    // Most words are plain text in most places, and not everything is doubted.
    expect(read).toBeGreaterThan(texts.length / 4);
  });

  it('is the same, or there is a finding: numbers of every spelling', async () => {
    const numbers = fc.stringMatching(/^[-+.]?[0-9][0-9_]{0,3}([.eExXobB:][-+]?[0-9a-f_]{0,4}){0,2}$/);
    const texts = fc.sample(numbers, { numRuns: 6000, seed: 1 }).map((word) => `a: ${word}\n`);
    const { read, different } = await silentDifferences(texts);
    expect(different).toEqual([]);
    expect(read).toBeGreaterThan(texts.length / 4);
  });

  it('is the same, or there is a finding: whole documents', async () => {
    const texts = fc.sample(yamlTexts, { numRuns: 6000, seed: 1 });
    const { read, different } = await silentDifferences(texts);
    expect(different.slice(0, 3)).toEqual([]);
    expect(read).toBeGreaterThan(texts.length / 20);
  });
});
