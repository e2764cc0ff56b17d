import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isRuleName } from '../../../../reconciler/core/spec/rules/rules.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

/** Where findings are made outside the files that the registry types. */
const SOURCES = globSync('reconciler/{core/spec,world}/**/*.ts', { cwd: root });

/** How a finding's rule is named: as a field, or as the first argument of what makes one. */
const NAMED =
  /\brule: '([\w-]+)'|\b(?:refused|finding|at|#tell|tell\.at)\(\s*'([a-z][\w-]+)',|\b(?:MISSING|LIMITS|NO_KEY) = '([\w-]+)'/g;

const named = SOURCES.flatMap((file) =>
  [...readFileSync(`${root}/${file}`, 'utf8').matchAll(NAMED)].map((match) => ({
    file,
    rule: match.slice(1).find((each) => each !== undefined) ?? '',
  })),
);

describe('rules that findings name', () => {
  it('are looked for in many files', () => {
    expect(named.length).toBeGreaterThan(60);
    const rules = named.map(({ rule }) => rule);
    for (const rule of ['symlink', 'lfs-pointer', 'kustomize-remote', 'file-too-large', 'tampered']) {
      expect(rules).toContain(rule);
    }
  });

  it('are all registered, so that each has a level and a page', () => {
    expect(named.filter(({ rule }) => !isRuleName(rule))).toEqual([]);
  });
});
