import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lintFiles, ruleOf, SPEC_RULES, written } from './read.ts';

const broken = filesIn('broken/');
const valid = filesIn('valid/');
const names = SPEC_RULES.map(({ name }) => name);

describe('manifests that break a rule', () => {
  it.each([...broken])('%s has the findings that stand beside it', (name, { text, url }) => {
    const found = written(lintFiles({ [name]: text }), ruleOf(name));
    expect(found).toBe(readFileSync(new URL(`${url.href}.txt`), 'utf8'));
  });

  it.each([...broken])('%s has a finding of the rule it is named after', (name, { text }) => {
    const rules = lintFiles({ [name]: text }).findings.map(({ rule }) => rule);
    expect(rules).toContain(ruleOf(name));
  });
});

describe('their nearest neighbours that keep it', () => {
  it.each([...valid])('%s has no finding of its rule, and no error', (name, { text }) => {
    const findings = lintFiles({ [name]: text }).findings.filter(
      ({ rule, level }) => rule === ruleOf(name) || level === 'error',
    );
    expect(findings).toEqual([]);
  });
});

describe('every rule over specs', () => {
  it.each(names)('%s has a manifest that breaks it', (rule) => {
    expect([...broken.keys()].map(ruleOf)).toContain(rule);
  });

  it.each(names)('%s has a manifest that keeps it', (rule) => {
    expect([...valid.keys()].map(ruleOf)).toContain(rule);
  });

  it('knows the rule of each file', () => {
    const files = [...broken.keys(), ...valid.keys()];
    expect(files.filter((file) => !names.includes(ruleOf(file)))).toEqual([]);
  });
});

function filesIn(folder: string): ReadonlyMap<string, { readonly text: string; readonly url: URL }> {
  const url = new URL(folder, import.meta.url);
  return new Map(
    readdirSync(url)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => {
        const file = new URL(name, url);
        return [name, { text: readFileSync(file, 'utf8'), url: file }];
      }),
  );
}
