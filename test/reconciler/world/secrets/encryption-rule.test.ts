import { describe, expect, it } from 'vitest';
import { judge } from '../../../../reconciler/world/secrets/encryption-rule.ts';

const sealed = (text: string, ...fields: string[]) =>
  judge({ by: 'regex', text, encrypts: true }, fields)?.(fields);

describe('a rule with a regular expression', () => {
  it.each([
    ['^data$', 'data', true],
    ['^data$', 'metadata', false],
    ['(?i)^DATA$', 'data', true],
    ['^[[:alpha:]]+$', 'data', true],
    ['^[[:alpha:]]+$', 'data1', false],
    ['\\Adata\\z', 'data', true],
    ['(?P<x>d)ata', 'data', true],
    ['pass(word)?$', 'dbpass', true],
    ['', 'anything', true],
  ])('%j for %s is understood as Go does', (regex, field, expected) => {
    expect(sealed(regex, field)).toBe(expected);
  });

  it('counts for all fields below the one that it matches', () => {
    expect(sealed('^data$', 'data', 'a', 'b')).toBe(true);
  });

  it.each(['(?=data)', '(?<!x)data', '(a)\\1', '\\pL', 'a(?i)b', '[[:punct:]]', '[', 'a'.repeat(1001)])(
    '%j is not guessed at',
    (regex) => {
      expect(sealed(regex, 'data')).toBeUndefined();
    },
  );
});
