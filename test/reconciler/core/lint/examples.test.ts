import { describe, expect, it } from 'vitest';
import { completed } from './complete.ts';
import { lintFiles, SPEC_RULES } from './read.ts';

describe('the examples on a rule’s page', () => {
  it.each(SPEC_RULES)('$name: the wrong one has its finding', ({ name, rule }) => {
    expect(rulesFoundIn(rule.example.wrong)).toContain(name);
  });

  it.each(SPEC_RULES)('$name: the right one has not, and has no error', ({ name, rule }) => {
    const { findings } = lintFiles({ 'example.json': completed(rule.example.right) });
    const told = findings.filter((finding) => finding.rule === name || finding.level === 'error');
    expect(told).toEqual([]);
  });

  it.each(SPEC_RULES)('$name: the wrong one is a manifest otherwise', ({ rule }) => {
    expect(rulesFoundIn(rule.example.wrong)).not.toContain('schema');
    expect(rulesFoundIn(rule.example.wrong)).not.toContain('unknown-field');
  });
});

function rulesFoundIn(example: string): readonly string[] {
  return lintFiles({ 'example.json': completed(example) }).findings.map(({ rule }) => rule);
}
