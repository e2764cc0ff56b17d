import { describe, expect, it } from 'vitest';
import { MANIFEST_EXAMPLES } from '../../../../../reconciler/core/spec/rules/manifest-examples.ts';
import { readFiles } from '../read.ts';

const shown = Object.entries(MANIFEST_EXAMPLES).flatMap(([name, example]) =>
  'text' in example ? [{ name, ...example.text }] : [],
);

describe('the examples on the page of a rule over one file or manifest', () => {
  it.each(shown)('$name: the wrong one has its finding', ({ name, wrong }) => {
    expect(rulesFoundIn(wrong)).toContain(name);
  });

  it.each(shown)('$name: the wrong one has no error of another rule', ({ name, wrong }) => {
    const { findings } = readFiles({ 'example.yaml': wrong });
    expect(findings.filter(({ rule, level }) => level === 'error' && rule !== name)).toEqual([]);
  });

  it.each(shown)('$name: the right one has not, and has no error', ({ name, right }) => {
    const { findings } = readFiles({ 'example.yaml': right });
    expect(findings.filter(({ rule, level }) => rule === name || level === 'error')).toEqual([]);
  });

  it('are manifests wherever a text can show the rule', () => {
    expect(shown.length).toBeGreaterThanOrEqual(28);
  });
});

function rulesFoundIn(text: string): readonly string[] {
  return readFiles({ 'example.yaml': text }).findings.map(({ rule }) => rule);
}
